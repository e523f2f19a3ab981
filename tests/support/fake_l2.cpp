#include "support/fake_l2.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "model/entry_header.hpp"
#include "model/glob.hpp"

namespace ctxcache::test {

namespace asio = boost::asio;

namespace {

// Whether that value was read at that place or after it.
bool is_from(const position& stamp, const position& place) {
  return stamp.epoch == place.epoch && stamp.sequence >= place.sequence;
}

template <class T>
result<T> failed(error_code why) {
  return {boost::system::in_place_error, why};
}

}  // namespace

asio::awaitable<result<l2_cache::hit>> fake_l2::get(key wanted, deadline until) {
  ++calls_.get;
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  co_return find(wanted);
}

asio::awaitable<std::vector<result<l2_cache::hit>>> fake_l2::get_many(std::vector<key> wanted,
                                                                      deadline until) {
  ++calls_.get;
  const auto ready = co_await answer(until);
  std::vector<result<hit>> found;
  for (const auto& one : wanted) found.push_back(ready ? find(one) : result<hit>{ready.error()});
  co_return found;
}

asio::awaitable<result<bool>> fake_l2::put(key where, entry_ptr value, deadline until) {
  ++calls_.put;
  const auto ready = co_await answer(until);
  if (!ready) co_return failed<bool>(ready.error());
  if (fault_ == fault::full) co_return failed<bool>(errc::l2_failed);
  co_return store(where, *value);
}

asio::awaitable<result<std::size_t>> fake_l2::unlink(std::vector<key> gone, position before, deadline until) {
  ++calls_.unlink;
  const auto ready = co_await answer(until);
  if (!ready) co_return failed<std::size_t>(ready.error());
  std::size_t removed = 0;
  for (const auto& one : gone) removed += remove(one, before) ? 1 : 0;
  co_return removed;
}

asio::awaitable<result<l2_cache::page>> fake_l2::scan(std::string glob, std::uint64_t cursor,
                                                      deadline until) {
  ++calls_.scan;
  const auto ready = co_await answer(until);
  if (!ready) co_return ready.error();
  co_return scan_page(glob, cursor);
}

l2_cache::health fake_l2::report() const {
  const bool up = !stopped_ && fault_ != fault::down && fault_ != fault::refused && fault_ != fault::slow;
  return {up ? health::state::up : health::state::down, "fake"};
}

asio::awaitable<void> fake_l2::stop() {
  stopped_ = true;
  co_return;
}

asio::awaitable<result<void>> fake_l2::answer(deadline until) {
  if (fault_ == fault::refused) co_return errc::l2_unavailable;
  const auto here = co_await asio::this_coro::executor;
  co_await asio::post(here, asio::use_awaitable);
  if (until.passed(time_.now()) || fault_ == fault::slow) co_return errc::l2_timeout;
  if (stopped_ || fault_ == fault::down) co_return errc::l2_unavailable;
  co_return result<void>{};
}

bool fake_l2::is_alive(const std::string& text) const {
  const auto found = values_.find(text);
  return found != values_.end() && found->second.expires_at > time_.now();
}

result<l2_cache::hit> fake_l2::find(const key& wanted) const {
  if (!is_alive(wanted.text())) return hit{};
  auto [bytes, stamp, expires_at] = values_.at(wanted.text());
  if (fault_ == fault::corrupt) bytes.back() = static_cast<char>(bytes.back() ^ 1);
  return decode_value(wanted, bytes, milliseconds_until(expires_at), time_.now());
}

bool fake_l2::remove(const key& one, const position& before) {
  const auto held = find(one);
  const bool newer = held && *held && is_from((*held)->stamp, before);
  const bool alive = is_alive(one.text());
  if (!newer) values_.erase(one.text());
  return alive && !newer;
}

result<bool> fake_l2::store(const key& where, const entry& value) {
  const auto life = milliseconds_until(value.expires_at);
  if (life.count() <= 0) return false;
  auto bytes = encode_value(where, value, life);
  if (!bytes) return failed<bool>(bytes.error());
  const auto& stamp = value.stamp;
  const bool newer_held =
      is_alive(where.text()) && is_from(values_.at(where.text()).stamp, {stamp.epoch, stamp.sequence + 1});
  if (newer_held) return false;
  values_.insert_or_assign(where.text(), stored{std::move(*bytes), stamp, value.expires_at});
  return true;
}

// The cursor is the place in the order of the keys.
result<l2_cache::page> fake_l2::scan_page(const std::string& glob, std::uint64_t cursor) const {
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

std::chrono::milliseconds fake_l2::milliseconds_until(time_point then) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(then - time_.now());
}

}  // namespace ctxcache::test
