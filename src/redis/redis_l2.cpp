#include "redis/redis_l2.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "base/try.hpp"
#include "ctxcache/backends.hpp"
#include "model/entry_header.hpp"
#include "redis/connection_options.hpp"
#include "redis/topology.hpp"

namespace ctxcache::redis {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t unlink_keys_max = 512;  // of one command: Redis serves nobody else meanwhile
constexpr std::string_view scan_count = "512";

void add_get(batch& to, const key& wanted) {
  to.add({"GET", wanted.text()});
  to.add({"PTTL", wanted.text()});
}

std::string big_endian(std::uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
  return bytes;
}

std::optional<l2_cache::page> read_page(const reply& answer) {
  using kind = reply::kind;
  if (answer.is != kind::array || answer.elements.size() != 2) return std::nullopt;
  const auto& cursor = answer.elements[0].text;
  const auto& keys = answer.elements[1];
  l2_cache::page found;
  const auto [end, failed] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), found.cursor);
  if (failed != std::errc{} || end != cursor.data() + cursor.size() || keys.is != kind::array) {
    return std::nullopt;
  }
  for (const auto& one : keys.elements) {
    if (auto well_formed = key::parse(one.text)) found.keys.push_back(std::move(*well_formed));
  }
  return found;
}

// An error_code converts to bool too, so a result<bool> has to be told which of the two it is.
result<bool> not_stored(error_code why) {
  return {boost::system::in_place_error, why};
}

// A full queue is not held against the server: when it is slow, what fills the queue will time out.
breaker::outcome judge(const result<std::vector<reply>>& answer) {
  if (answer) return breaker::outcome::success;
  return answer.error() == errc::l2_timeout ? breaker::outcome::failure : breaker::outcome::neither;
}

}  // namespace

redis_l2::redis_l2(asio::any_io_executor home, connection::options with, const clock& time)
    : time_(time), connection_(std::move(home), std::move(with), time) {}

asio::awaitable<result<l2_cache::hit>> redis_l2::get(key wanted, deadline until) {
  batch question;
  add_get(question, wanted);
  auto answer = co_await ask(std::move(question), until);
  if (!answer) co_return answer.error();
  co_return read_value(wanted, (*answer)[0], (*answer)[1]);
}

asio::awaitable<std::vector<result<l2_cache::hit>>> redis_l2::get_many(std::vector<key> wanted,
                                                                       deadline until) {
  std::vector<result<hit>> found;
  if (wanted.empty()) co_return found;
  batch question;
  for (const auto& one : wanted) add_get(question, one);
  auto answer = co_await ask(std::move(question), until);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    found.push_back(answer ? read_value(wanted[i], (*answer)[2 * i], (*answer)[2 * i + 1])
                           : result<hit>{answer.error()});
  }
  co_return found;
}

asio::awaitable<result<bool>> redis_l2::put(key where, entry_ptr value, deadline until) {
  CTX_ASSERT(value != nullptr);
  const auto life = std::chrono::duration_cast<milliseconds>(value->expires_at - time_.now());
  if (life <= milliseconds::zero()) co_return false;
  const auto bytes = encode_value(where, *value, life);
  if (!bytes) co_return not_stored(bytes.error());
  const auto life_text = std::to_string(life.count());

  std::vector<std::vector<std::string_view>> calls{{"1", where.text(), *bytes, life_text}};
  auto answer = co_await call(put_script(), std::move(calls), until);
  if (!answer) co_return not_stored(answer.error());
  if (answer->front().is != reply::kind::integer) co_return not_stored(connection_.unusable(answer->front()));
  co_return answer->front().integer == 1;
}

asio::awaitable<result<std::size_t>> redis_l2::unlink(std::vector<key> gone, position before,
                                                      deadline until) {
  if (gone.empty()) co_return std::size_t{0};
  const auto epoch = big_endian(before.epoch);
  const auto sequence = big_endian(before.sequence);
  std::vector<std::string> counts;  // reserved: the calls borrow from it
  counts.reserve(gone.size() / unlink_keys_max + 1);
  std::vector<std::vector<std::string_view>> calls;
  for (std::size_t begin = 0; begin < gone.size(); begin += unlink_keys_max) {
    const auto end = std::min(begin + unlink_keys_max, gone.size());
    auto& words = calls.emplace_back();
    words.push_back(counts.emplace_back(std::to_string(end - begin)));
    for (auto i = begin; i < end; ++i) words.push_back(gone[i].text());
    words.insert(words.end(), {epoch, sequence});
  }
  auto answer = co_await call(unlink_script(), std::move(calls), until);
  if (!answer) co_return answer.error();
  std::size_t there = 0;
  for (const auto& one : *answer) {
    if (one.is != reply::kind::integer) co_return connection_.unusable(one);
    there += static_cast<std::size_t>(one.integer);
  }
  co_return there;
}

asio::awaitable<result<l2_cache::page>> redis_l2::scan(std::string glob, std::uint64_t cursor,
                                                       deadline until) {
  const auto cursor_text = std::to_string(cursor);
  batch question;
  question.add({"SCAN", cursor_text, "MATCH", glob, "COUNT", scan_count});
  auto answer = co_await ask(std::move(question), until);
  if (!answer) co_return answer.error();
  auto found = read_page(answer->front());
  if (!found) co_return connection_.unusable(answer->front());
  co_return std::move(*found);
}

l2_cache::health redis_l2::report() const {
  const auto link = connection_.report();
  const bool skipped = skipped_.load();
  const bool up = link.up && !skipped;
  auto detail = connection_.address();
  if (skipped) detail += ": skipped after timeouts";
  if (!link.last_error.empty()) detail += (up ? ": last error: " : ": ") + link.last_error;
  return {up ? health::state::up : health::state::down, std::move(detail)};
}

asio::awaitable<void> redis_l2::stop() {
  return connection_.stop();
}

asio::awaitable<result<std::vector<reply>>> redis_l2::ask(batch what, deadline until) {
  const auto now = time_.now();
  if (until.passed(now)) co_return errc::l2_timeout;
  if (!breaker_.admit(now)) co_return errc::l2_unavailable;
  auto answer = co_await connection_.run(std::move(what), until);
  breaker_.record(judge(answer), time_.now());
  skipped_ = breaker_.now() != breaker::state::closed;
  if (!answer && answer.error() == errc::overloaded) co_return errc::l2_unavailable;
  co_return answer;
}

// By name; whole when Redis does not know it, which teaches it the name.
asio::awaitable<result<std::vector<reply>>> redis_l2::call(const script& what,
                                                           std::vector<std::vector<std::string_view>> each,
                                                           deadline until) {
  batch by_name, whole;
  for (auto& words : each) {
    words.insert(words.begin(), {"EVALSHA", what.sha});
    by_name.add(words);
  }
  auto answer = co_await ask(std::move(by_name), until);
  if (!answer || std::ranges::none_of(*answer, has_no_script)) co_return answer;
  for (auto& words : each) {
    words[0] = "EVAL";
    words[1] = what.text;
    whole.add(words);
  }
  co_return co_await ask(std::move(whole), until);
}

result<l2_cache::hit> redis_l2::read_value(const key& wanted, const reply& value, const reply& life) {
  using kind = reply::kind;
  // Another type under our key is none of ours; PTTL is of no interest then.
  if (value.is == kind::error && value.text.starts_with("WRONGTYPE")) return errc::corrupt_value;
  if (value.is != kind::bulk && value.is != kind::nil) return connection_.unusable(value);
  if (life.is != kind::integer) return connection_.unusable(life);
  if (value.is == kind::nil) return hit{};
  if (life.integer == -1) return errc::corrupt_value;  // without a TTL: none of ours
  if (life.integer <= 0) return hit{};                 // gone between the two commands
  return decode_value(wanted, value.text, milliseconds{life.integer}, time_.now());
}

}  // namespace ctxcache::redis

namespace ctxcache {

result<std::unique_ptr<l2_cache>> make_redis_l2(boost::asio::any_io_executor home, const l2_options& options,
                                                const clock& time) {
  CTX_TRY(auto with, redis::connection_options(options));
  return std::make_unique<redis::redis_l2>(std::move(home), std::move(with), time);
}

std::string redis_url_problem(std::string_view url) {
  const auto parsed = redis::parse_url(url);
  const auto* const problem = std::get_if<redis::url_problem>(&parsed);
  return problem != nullptr ? problem->message : std::string{};
}

}  // namespace ctxcache
