#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/l2_cache.hpp"
#include "ctxcache/position.hpp"
#include "model/entry_header.hpp"
#include "model/glob.hpp"

namespace ctxcache::test {

/// The shared tier as a map of encoded values, with faults that a test sets. Every call suspends once, as a
/// real one does, but for those that are refused. Programs that use it link ctx_model.
class fake_l2 final : public l2_cache {
 public:
  enum class fault {
    none,
    down,     ///< everything is l2_unavailable, at once
    refused,  ///< the same without suspending, as where there is no connection
    slow,     ///< everything is l2_timeout, at once too: no test waits for a deadline
    full,     ///< `put` is l2_failed, the rest works
    corrupt,  ///< what is read cannot be decoded
  };
  struct call_counts {
    std::size_t get = 0;  ///< a get_many is one
    std::size_t put = 0;
    std::size_t unlink = 0;
    std::size_t scan = 0;
  };

  explicit fake_l2(const clock& time) : time_(time) {}

  void fail_with(fault what) { fault_ = what; }
  [[nodiscard]] const call_counts& calls() const { return calls_; }
  /// How many values it holds, dead ones too.
  [[nodiscard]] std::size_t size() const { return values_.size(); }

  boost::asio::awaitable<result<hit>> get(key wanted, deadline until) override {
    ++calls_.get;
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    co_return find(wanted);
  }

  boost::asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted,
                                                            deadline until) override {
    ++calls_.get;
    const auto ready = co_await answer(until);
    std::vector<result<hit>> found;
    for (const auto& one : wanted) found.push_back(ready ? find(one) : result<hit>{ready.error()});
    co_return found;
  }

  boost::asio::awaitable<result<bool>> put(key where, entry_ptr value, deadline until) override {
    ++calls_.put;
    const auto ready = co_await answer(until);
    if (!ready) co_return result<bool>{boost::system::in_place_error, ready.error()};
    if (fault_ == fault::full) co_return result<bool>{boost::system::in_place_error, errc::l2_failed};
    co_return store(where, *value);
  }

  boost::asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone, position before,
                                                     deadline until) override {
    ++calls_.unlink;
    const auto ready = co_await answer(until);
    if (!ready) co_return not_stored(ready.error());
    std::size_t removed = 0;
    for (const auto& one : gone) removed += remove(one, before) ? 1 : 0;
    co_return removed;
  }

  boost::asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor, deadline until) override {
    ++calls_.scan;
    const auto ready = co_await answer(until);
    if (!ready) co_return ready.error();
    co_return scan_page(glob, cursor);
  }

  [[nodiscard]] health report() const override {
    const bool up = !stopped_ && fault_ != fault::down && fault_ != fault::refused && fault_ != fault::slow;
    return {up ? health::state::up : health::state::down, "fake"};
  }

  boost::asio::awaitable<void> stop() override {
    stopped_ = true;
    co_return;
  }

 private:
  struct stored {
    std::string bytes;
    position stamp;
    time_point expires_at;
  };

  boost::asio::awaitable<result<void>> answer(deadline until) {
    if (fault_ == fault::refused) co_return errc::l2_unavailable;
    const auto here = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(here, boost::asio::use_awaitable);
    if (until.passed(time_.now()) || fault_ == fault::slow) co_return errc::l2_timeout;
    if (stopped_ || fault_ == fault::down) co_return errc::l2_unavailable;
    co_return result<void>{};
  }

  [[nodiscard]] bool is_alive(const std::string& text) const {
    const auto found = values_.find(text);
    return found != values_.end() && found->second.expires_at > time_.now();
  }

  [[nodiscard]] static bool is_from(const stored& value, const position& place) {
    return value.stamp.epoch == place.epoch && value.stamp.sequence >= place.sequence;
  }

  [[nodiscard]] result<hit> find(const key& wanted) const {
    if (!is_alive(wanted.text())) return hit{};
    auto [bytes, stamp, expires_at] = values_.at(wanted.text());
    if (fault_ == fault::corrupt) bytes.back() = static_cast<char>(bytes.back() ^ 1);
    return decode_value(wanted, bytes, milliseconds_until(expires_at), time_.now());
  }

  bool remove(const key& one, const position& before) {
    const auto held = find(one);
    const bool newer =
        held && *held && (*held)->stamp.epoch == before.epoch && (*held)->stamp.sequence >= before.sequence;
    const bool alive = is_alive(one.text());
    if (!newer) values_.erase(one.text());
    return alive && !newer;
  }

  static result<bool> not_stored(error_code why) { return {boost::system::in_place_error, why}; }

  result<bool> store(const key& where, const entry& value) {
    const auto life = milliseconds_until(value.expires_at);
    if (life.count() <= 0) return false;
    auto bytes = encode_value(where, value, life);
    if (!bytes) return {boost::system::in_place_error, bytes.error()};
    const auto& stamp = value.stamp;
    if (is_alive(where.text()) && is_from(values_.at(where.text()), {stamp.epoch, stamp.sequence + 1})) {
      return false;
    }
    values_.insert_or_assign(where.text(), stored{std::move(*bytes), stamp, value.expires_at});
    return true;
  }

  // The cursor is the place in the order of the keys.
  [[nodiscard]] result<page> scan_page(const std::string& glob, std::uint64_t cursor) const {
    constexpr std::uint64_t page_keys = 16;  // few, so that tests see more than one page
    page found;
    std::uint64_t place = 0;
    for (const auto& [text, value] : values_) {
      if (place++ < cursor) continue;
      if (place > cursor + page_keys) {
        found.cursor = cursor + page_keys;
        break;
      }
      const auto parsed = key::parse(text);
      if (parsed && is_alive(text) && glob_matches(glob, text)) found.keys.push_back(*parsed);
    }
    return found;
  }

  [[nodiscard]] std::chrono::milliseconds milliseconds_until(time_point then) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(then - time_.now());
  }

  const clock& time_;
  std::map<std::string, stored> values_;
  fault fault_ = fault::none;
  call_counts calls_;
  bool stopped_ = false;
};

}  // namespace ctxcache::test
