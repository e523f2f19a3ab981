// Where changes come from, what segments are, where the fleet's shared facts are.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/system/system_error.hpp>
#include <utility>

#include "ctxcache/backends.hpp"
#include "ctxcached/wiring.hpp"
#include "providers/pg_outbox.hpp"
#include "providers/segment.hpp"
#include "providers/sqlite_watch.hpp"

namespace ctxcache::daemon {

namespace asio = boost::asio;

namespace {

const config::provider_config& provider_named(const std::string& name, const config::daemon_config& config) {
  const auto found = std::ranges::find(config.providers, name, &config::provider_config::name);
  if (found != config.providers.end()) return *found;
  throw boost::system::system_error{errc::invalid_config, "no provider is called " + name};
}

// The same after a restart, so that the stream's group hands on what it had given us.
std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "ctxcached";
  return name.data();
}

std::shared_ptr<shared_store> make_shared_store(const config::daemon_config& config,
                                                asio::any_io_executor home) {
  if (!config.cache.enable_l2_cache) return make_local_shared_store();
  auto made = make_redis_shared_store(std::move(home), {.url = config.redis_url});
  if (!made)
    throw boost::system::system_error{made.error(), "redis_url " + redis_url_problem(config.redis_url)};
  return *std::move(made);
}

}  // namespace

upkeep_parts wiring::upkeep_parts_of(const config::daemon_config& config) {
  upkeep_parts parts{.home = loops_.front()->get_executor()};
  parts.shared = make_shared_store(config, parts.home);
  for (const auto& one : config.segments) parts.segments[one.name] = make_segment(one, config);
  for (const auto& one : config.change_sources) {
    parts.sources.push_back({one.name, make_source(one, config, parts.shared)});
  }
  parts.reads = [this] { return server_ ? server_->reads() : duration_counts{}; };
  parts.lag = [this] { return server_ ? server_->loop_lag() : duration_counts{}; };
  return parts;
}

std::shared_ptr<customer_list> wiring::make_segment(const config::segment_config& from,
                                                    const config::daemon_config& config) const {
  if (from.query.empty()) return providers::list_of(from.customer_ids);
  const bool sqlite = provider_named(from.provider, config).type == config::provider_kind::sqlite;
  return providers::make_segment(
      providers_.at(from.provider),
      {.name = from.name,
       .query = from.query,
       .timeout = from.timeout,
       .dialect = sqlite ? providers::sql_dialect::sqlite : providers::sql_dialect::postgres});
}

std::unique_ptr<change_source> wiring::make_source(const config::source_config& from,
                                                   const config::daemon_config& config,
                                                   const std::shared_ptr<shared_store>& shared) {
  const auto home = loops_.front()->get_executor();
  switch (from.type) {
    case config::source_kind::postgres_outbox:
      return providers::make_pg_outbox(
          home, {.name = from.provider, .url = provider_named(from.provider, config).url});
    case config::source_kind::sqlite_watch:
      return providers::make_sqlite_watch(
          home, {.name = from.provider, .path = provider_named(from.provider, config).url}, shared);
    case config::source_kind::redis_stream:
      break;
  }
  const auto consumer = host_name() + ":" + config.listen;
  auto made = make_redis_change_stream(
      home, {.url = config.redis_url, .stream = from.stream, .group = from.group, .consumer = consumer});
  if (!made) {
    throw boost::system::system_error{
        made.error(), "source." + from.name + ": redis_url " + redis_url_problem(config.redis_url)};
  }
  return *std::move(made);
}

}  // namespace ctxcache::daemon
