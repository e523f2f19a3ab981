// What is connected to what; wiring_upkeep.cpp is the other half of the page.
#include "ctxcached/wiring.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "ctxcache/backends.hpp"
#include "providers/http.hpp"
#include "providers/postgres.hpp"
#include "providers/sqlite.hpp"

namespace ctxcache::daemon {

namespace asio = boost::asio;

namespace {

std::size_t threads_of(const config::daemon_config& config) {
  return config.threads != 0 ? config.threads : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

std::shared_ptr<provider> make_provider(const config::provider_config& from, asio::any_io_executor home) {
  switch (from.type) {
    case config::provider_kind::postgres:
      return providers::make_postgres(home, {.name = from.name,
                                             .url = from.url,
                                             .max_concurrency = from.max_concurrency,
                                             .max_answer_bytes = from.max_answer_bytes});
    case config::provider_kind::http:
      return providers::make_http(home, {.name = from.name,
                                         .url = from.url,
                                         .headers = from.headers,
                                         .ca_file = from.ca_file,
                                         .max_concurrency = from.max_concurrency,
                                         .max_answer_bytes = from.max_answer_bytes});
    case config::provider_kind::sqlite:
      return providers::make_sqlite(home, {.name = from.name,
                                           .path = from.url,
                                           .max_concurrency = from.max_concurrency,
                                           .max_answer_bytes = from.max_answer_bytes});
  }
  throw boost::system::system_error{errc::invalid_config, "a provider of no known type"};
}

providers::composite_section section_of(const config::section_config& from) {
  return {.query = {.name = from.name, .text = from.text, .shape = from.shape, .timeout = from.timeout},
          .provider = from.provider,
          .agent_types = from.agent_types,
          .required = from.required};
}

http::server_options server_options(const config::daemon_config& config) {
  const auto where = config::parse_endpoint(config.listen);
  if (!where) throw boost::system::system_error{errc::invalid_config, "listen: not an address and a port"};
  return {.address = where->address,
          .port = where->port,
          .max_body_bytes = config.max_body_bytes,
          .max_connections = config.max_connections,
          .request_timeout = config.request_timeout,
          .header_timeout = config.header_timeout,
          .idle_timeout = config.idle_timeout,
          .drain_timeout = config.drain_timeout};
}

constexpr std::chrono::seconds join_patience{1};

}  // namespace

wiring::wiring(const config::daemon_config& config) {
  const auto threads = threads_of(config);
  for (std::size_t i = 0; i < threads; ++i) loops_.push_back(std::make_unique<loop>(1));

  make_providers(config);
  source_ = providers::make_composite(sections_of(config));
  orchestrator::parts parts{.source = source_};
  for (const auto& one : loops_) parts.lanes.push_back({one->get_executor(), make_l2(config, *one)});
  parts.fleet = config.fleet;
  parts.log = make_log(config, *loops_.front());
  parts.roll = make_roll_call(config, *loops_.front());
  cache_ = std::make_unique<orchestrator>(config.cache, std::move(parts));
  upkeep_ = std::make_unique<upkeep>(*cache_, config, upkeep_parts_of(config));
  try {
    server_ = std::make_unique<http::server>(server_options(config), *cache_, server_parts());
  } catch (const boost::system::system_error& error) {
    end_unstarted();
    throw boost::system::system_error{error.code(), "cannot listen on " + config.listen};
  }
}

// The port is taken, most likely. What the cache and its connections have begun ends in order before we say
// so.
void wiring::end_unstarted() {
  bool ended = false;
  const auto& first = loops_.front();
  asio::co_spawn(*first, end_all(), [&ended](std::exception_ptr) { ended = true; });
  while (!ended) {
    for (const auto& one : loops_) one->poll();
  }
}

asio::awaitable<void> wiring::end_all() {
  co_await upkeep_->stop();
  co_await cache_->stop();
  co_await source_->stop();
}

wiring::~wiring() = default;

void wiring::make_providers(const config::daemon_config& config) {
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const auto& from = config.providers[i];
    providers_[from.name] = make_provider(from, loops_[i % loops_.size()]->get_executor());
  }
}

providers::composite_options wiring::sections_of(const config::daemon_config& config) const {
  providers::composite_options out;
  for (const auto& from : config.providers) {
    out.providers.push_back({from.name, providers_.at(from.name), from.settle});
  }
  std::ranges::transform(config.sections, std::back_inserter(out.sections), section_of);
  return out;
}

std::unique_ptr<l2_cache> wiring::make_l2(const config::daemon_config& config, loop& home) const {
  if (!config.cache.enable_l2_cache) return make_null_l2();
  auto made = make_redis_l2(home.get_executor(), {.url = config.redis_url});
  if (!made)
    throw boost::system::system_error{made.error(), "redis_url " + redis_url_problem(config.redis_url)};
  return *std::move(made);
}

std::unique_ptr<log_store> wiring::make_log(const config::daemon_config& config, loop& home) const {
  if (!config.cache.enable_l2_cache) return nullptr;
  auto made = make_redis_log_store(home.get_executor(), {.url = config.redis_url,
                                                         .log_max_messages = config.log_max_messages,
                                                         .constants = config.fleet.constants,
                                                         .poll = config.log_poll});
  if (!made)
    throw boost::system::system_error{made.error(), "redis_url " + redis_url_problem(config.redis_url)};
  return *std::move(made);
}

std::unique_ptr<roll_call> wiring::make_roll_call(const config::daemon_config& config, loop& home) const {
  if (!config.cache.enable_l2_cache) return nullptr;
  auto made = make_redis_roll_call(
      home.get_executor(), {.url = config.redis_url, .may_block = config.log_poll == config.log_poll.zero()});
  if (!made)
    throw boost::system::system_error{made.error(), "redis_url " + redis_url_problem(config.redis_url)};
  return *std::move(made);
}

http::server_parts wiring::server_parts() {
  http::server_parts parts;
  upkeep_->show_in(parts);
  for (const auto& one : loops_) parts.lanes.emplace_back(one->get_executor());
  parts.providers = [source = source_] {
    std::vector<http::provider_status> out;
    for (auto& one : source->report()) out.push_back({std::move(one.name), std::move(one.now)});
    return out;
  };
  parts.metrics = [source = source_] {
    using providers::section_status;
    std::vector<http::provider_metrics> out;
    for (auto& one : source->stats()) {
      http::provider_metrics metrics{.name = std::move(one.name), .took = one.latency};
      for (std::size_t status = 0; status < one.sections.size(); ++status) {
        const bool good = status <= static_cast<std::size_t>(section_status::ok);
        (good ? metrics.succeeded : metrics.failed) += one.sections[status];
      }
      out.push_back(std::move(metrics));
    }
    return out;
  };
  return parts;
}

// Until the fleet is joined every read would ask the providers, so the first ones wait a moment for it.
asio::awaitable<void> wiring::begin() {
  const auto until = deadline::after(machine_clock().now(), join_patience);
  const auto begun = co_await cache_->start(until);
  if (stopping_) co_return;
  if (begun) {
    co_await upkeep_->begin();
    if (!stopping_) server_->start();
    co_return;
  }
  failure_ = begun.error();
  ending_.spawn(loops_.front()->get_executor(), "ending", stop());
}

void wiring::run() {
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < loops_.size(); ++i) {
    threads.emplace_back([&one = *loops_[i]] {
      const auto stays = asio::make_work_guard(one);
      one.run();
    });
  }
  const auto stays = asio::make_work_guard(*loops_.front());
  beginning_.spawn(loops_.front()->get_executor(), "joining the fleet", begin());
  loops_.front()->run();
  for (auto& one : threads) one.join();
  if (failure_) throw boost::system::system_error{failure_, "cannot begin; the log says why"};
}

asio::awaitable<void> wiring::stop() {
  stopping_ = true;
  co_await server_->drain();
  co_await end_all();
  co_await beginning_.drain();
  for (const auto& one : loops_) one->stop();
}

}  // namespace ctxcache::daemon
