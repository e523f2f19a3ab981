#include "redis/l2.hpp"

#include <chrono>
#include <functional>
#include <utility>

#include "model/entry_header.hpp"
#include "model/glob.hpp"

namespace ctxcache::sim {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

template <class T>
std::function<void(server&, connection::reply<T>)> answering(std::function<T(server&)> what) {
  return [what = std::move(what)](server& there, const connection::reply<T>& reply) { reply(what(there)); };
}

time_point server_now() {
  return test::virtual_time::now_running().now();
}

}  // namespace

asio::awaitable<result<std::vector<l2::answered>>> l2::fetch(std::vector<key> wanted, deadline until) {
  using values = std::vector<answered>;
  if (stopped_) co_return errc::l2_unavailable;
  std::function<values(server&)> what = [wanted = std::move(wanted)](server& there) {
    values found;
    for (const auto& one : wanted) {
      const auto* held = there.find(one.text());
      found.push_back(held == nullptr ? answered{}
                                      : answered{held->bytes, std::chrono::duration_cast<milliseconds>(
                                                                  held->expires_at - server_now())});
    }
    return found;
  };
  auto asked = answering<values>(std::move(what));
  const auto budget = until.remaining(time_.now());
  co_return co_await link_.ask<values>(std::move(asked), budget);
}

result<l2_cache::hit> l2::decode(const key& wanted, const answered& got) const {
  if (got.bytes.empty()) return hit{};
  return decode_value(wanted, got.bytes, got.remaining, time_.now());
}

asio::awaitable<result<l2_cache::hit>> l2::get(key wanted, deadline until) {
  std::vector<key> only{wanted};
  const auto found = co_await fetch(std::move(only), until);
  if (!found) co_return found.error();
  co_return decode(wanted, found->front());
}

asio::awaitable<std::vector<result<l2_cache::hit>>> l2::get_many(std::vector<key> wanted, deadline until) {
  auto asked = wanted;
  const auto found = co_await fetch(std::move(asked), until);
  std::vector<result<hit>> all;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    all.push_back(found ? decode(wanted[i], (*found)[i]) : result<hit>{found.error()});
  }
  co_return all;
}

asio::awaitable<result<bool>> l2::put(key where, entry_ptr value, deadline until) {
  const auto refused = [](error_code why) { return result<bool>{boost::system::in_place_error, why}; };
  if (stopped_) co_return refused(errc::l2_unavailable);
  const auto life = std::chrono::duration_cast<milliseconds>(value->expires_at - time_.now());
  if (life.count() <= 0) co_return false;
  auto bytes = encode_value(where, *value, life);
  if (!bytes) co_return refused(bytes.error());
  std::function<bool(server&)> what = [text = where.text(), bytes = std::move(*bytes), stamp = value->stamp,
                                       life](server& there) {
    return there.put(text, {bytes, stamp, server_now() + life});
  };
  auto asked = answering<bool>(std::move(what));
  const auto budget = until.remaining(time_.now());
  co_return co_await link_.ask<bool>(std::move(asked), budget);
}

asio::awaitable<result<std::size_t>> l2::unlink(std::vector<key> gone, position before, deadline until) {
  if (stopped_) co_return errc::l2_unavailable;
  std::function<std::size_t(server&)> what = [gone = std::move(gone), before](server& there) {
    std::size_t removed = 0;
    for (const auto& one : gone) removed += there.unlink(one.text(), before) ? 1 : 0;
    return removed;
  };
  auto asked = answering<std::size_t>(std::move(what));
  const auto budget = until.remaining(time_.now());
  co_return co_await link_.ask<std::size_t>(std::move(asked), budget);
}

asio::awaitable<result<l2_cache::page>> l2::scan(std::string glob, std::uint64_t /*one page has all*/,
                                                 deadline until) {
  if (stopped_) co_return errc::l2_unavailable;
  std::function<page(server&)> what = [glob = std::move(glob)](server& there) {
    page found;
    for (const auto& [text, value] : there.data().values) {
      auto one = key::parse(text);
      if (one && there.find(text) != nullptr && glob_matches(glob, text)) found.keys.push_back(*one);
    }
    return found;
  };
  auto asked = answering<page>(std::move(what));
  const auto budget = until.remaining(time_.now());
  co_return co_await link_.ask<page>(std::move(asked), budget);
}

l2_cache::health l2::report() const {
  const bool down = stopped_ || wire_->now().refused || !wire_->to()->up();
  return {down ? health::state::down : health::state::up, "simulated"};
}

asio::awaitable<void> l2::stop() {
  stopped_ = true;
  if (const auto asked = link_.asked_last()) asked->fail(errc::l2_unavailable);
  co_return;
}

}  // namespace ctxcache::sim
