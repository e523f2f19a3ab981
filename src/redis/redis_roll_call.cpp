#include "redis/redis_roll_call.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/try.hpp"
#include "redis/connection_options.hpp"
#include "redis/log_answers.hpp"
#include "redis/log_messages.hpp"

namespace ctxcache::redis {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view life_ms = "10000";
constexpr std::string_view questions_kept = "1000";
constexpr std::string_view questions_at_a_time = "100";
// How much later than its time an empty answer may come before the connection is given up.
constexpr milliseconds margin{500};

// KEYS: the stream. ARGV: its life, how many to keep, then the fields of the question. Returns its id.
constexpr std::string_view ask_text = R"(
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return id
)";

// KEYS: the hash of the answers. ARGV: its life, a member, its count.
constexpr std::string_view say_text = R"(
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
)";

const script& ask_script() {
  static const auto made = make_script(std::string{ask_text});
  return made;
}

const script& say_script() {
  static const auto made = make_script(std::string{say_text});
  return made;
}

// What XREAD gave of the one stream; a question of which the sense is unknown has an id only. nullopt for
// what is no answer to XREAD.
struct entry_read {
  std::string id;
  std::optional<scope> what;
};
std::optional<std::vector<entry_read>> read_entries(const reply& answer) {
  using kind = reply::kind;
  std::vector<entry_read> found;
  if (answer.is == kind::nil) return found;
  if (answer.is != kind::array || answer.elements.size() != 1) return std::nullopt;
  const auto& stream = answer.elements.front();
  if (stream.is != kind::array || stream.elements.size() != 2) return std::nullopt;
  for (const auto& one : stream.elements[1].elements) {
    if (one.is != kind::array || one.elements.size() != 2) return std::nullopt;
    found.push_back({one.elements[0].text, read_scope(one.elements[1])});
  }
  return found;
}

// What HGETALL gave; a count that is none is left out.
std::vector<roll_call::answer> read_answers(const reply& all) {
  std::vector<roll_call::answer> found;
  for (std::size_t i = 0; i + 1 < all.elements.size(); i += 2) {
    const auto& text = all.elements[i + 1].text;
    std::size_t entries = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), entries);
    const bool whole = failed == std::errc{} && end == text.data() + text.size();
    if (whole) found.push_back({all.elements[i].text, entries});
  }
  return found;
}

}  // namespace

redis_roll_call::redis_roll_call(asio::any_io_executor home, connection::options link,
                                 const roll_call_options& with, const clock& time)
    : home_(home),
      link_(link),
      meta_(with.prefix + ":meta"),
      asked_(with.prefix + ":asked"),
      said_(with.prefix + ":said:"),
      may_block_(with.may_block),
      time_(time),
      calls_(std::move(home), std::move(link), time) {}

asio::awaitable<result<roll_call::opened>> redis_roll_call::ask(scope what, deadline until) {
  batch who;
  who.add({"HGETALL", meta_});
  const auto registered = co_await calls_.ask(std::move(who), until);
  if (!registered) co_return registered.error();
  auto members = read_members(*registered);
  if (!members) co_return calls_.unusable(*registered);

  const auto fields = fields_of(what);
  std::vector<std::string_view> words{"1", asked_, life_ms, questions_kept};
  std::ranges::copy(fields, std::back_inserter(words));
  auto put = co_await calls_.call(ask_script(), std::move(words), until);
  if (!put) co_return put.error();
  if (put->is != reply::kind::bulk) co_return calls_.unusable(*put);
  opened done{.id = std::move(put->text)};
  for (auto& one : members->all) done.members.push_back(std::move(one.id));
  co_return done;
}

asio::awaitable<result<std::vector<roll_call::answer>>> redis_roll_call::answers(std::string id,
                                                                                 deadline until) {
  const auto place = said_ + id;
  batch look;
  look.add({"HGETALL", place});
  const auto all = co_await calls_.ask(std::move(look), until);
  if (!all) co_return all.error();
  if (all->is != reply::kind::array) co_return calls_.unusable(*all);
  co_return read_answers(*all);
}

asio::awaitable<result<std::vector<roll_call::question>>> redis_roll_call::next(milliseconds wait) {
  if (stopped_) co_return errc::l2_unavailable;
  if (!hearing_) {
    auto link = link_;
    link.client_name += "-next";
    hearing_.emplace(home_, std::move(link), time_);
  }
  std::vector<std::string_view> words{"XREAD", "COUNT", questions_at_a_time};
  const auto block_ms = std::to_string(std::max(wait, milliseconds{1}).count());  // 0 would be for ever
  if (may_block_) words.insert(words.end(), {"BLOCK", block_ms});
  words.insert(words.end(), {"STREAMS", asked_, heard_});
  batch look;
  look.add(words);
  const auto until = deadline::after(time_.now(), wait + margin);
  const auto got = co_await hearing_->ask(std::move(look), until);
  if (!got) co_return got.error();
  auto entries = read_entries(*got);
  if (!entries) co_return hearing_->unusable(*got);
  std::vector<question> found;
  for (auto& one : *entries) {
    heard_ = one.id;
    if (one.what) found.push_back({std::move(one.id), *std::move(one.what)});
  }
  co_return found;
}

asio::awaitable<result<void>> redis_roll_call::say(std::string id, answer mine, deadline until) {
  const auto place = said_ + id;
  const auto count = std::to_string(mine.entries);
  std::vector<std::string_view> words{"1", place, life_ms, mine.member, count};
  const auto put = co_await calls_.call(say_script(), std::move(words), until);
  if (!put) co_return put.error();
  if (put->is != reply::kind::integer) co_return calls_.unusable(*put);
  co_return result<void>{};
}

asio::awaitable<void> redis_roll_call::stop() {
  stopped_ = true;
  if (hearing_) co_await hearing_->stop();
  co_await calls_.stop();
}

}  // namespace ctxcache::redis

namespace ctxcache {

result<std::unique_ptr<roll_call>> make_redis_roll_call(boost::asio::any_io_executor home,
                                                        const roll_call_options& options, const clock& time) {
  CTX_TRY(auto link, redis::connection_options(options));
  if (options.prefix.empty() || options.prefix.starts_with("context:")) return errc::invalid_config;
  return std::make_unique<redis::redis_roll_call>(std::move(home), std::move(link), options, time);
}

}  // namespace ctxcache
