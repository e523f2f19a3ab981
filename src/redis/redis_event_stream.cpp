#include "redis/redis_event_stream.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.hpp"
#include "base/try.hpp"
#include "ctxcache/backends.hpp"
#include "redis/connection_options.hpp"

namespace ctxcache::redis {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t entries_max = 1'000;
// A connection that died in silence is given up so soon, however long `next` waits.
constexpr milliseconds look_max{1'000};
constexpr milliseconds answer_max{2'000};
// An entry is passed over when its reading has ended so many sessions in a row.
constexpr std::size_t suspicions_max = 3;

constexpr std::string_view from_the_start = "0-0";

bool lacks_group(const reply& answer) {
  return answer.is == reply::kind::error &&
         (answer.text.starts_with("NOGROUP") || answer.text.starts_with("UNBLOCKED"));
}

std::vector<std::string_view> split(std::string_view ids) {
  std::vector<std::string_view> found;
  for (std::size_t begin = 0; begin < ids.size();) {
    const auto end = std::min(ids.find(' ', begin), ids.size());
    found.push_back(ids.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

}  // namespace

redis_event_stream::redis_event_stream(asio::any_io_executor home, options with, const clock& time)
    : stream_(std::move(with.stream)),
      group_(std::move(with.group)),
      consumer_(std::move(with.consumer)),
      take_over_after_(with.take_over_after),
      time_(time),
      redis_(std::move(home), std::move(with.link), time),
      count_(entries_max),
      take_over_from_(from_the_start) {}

asio::awaitable<result<change_source::batch>> redis_event_stream::next(deadline until) {
  batch found;
  do {
    const auto some = co_await look(until);
    if (!some) co_return some.error();
    for (const auto& one : *some) {
      found.upto += (found.upto.empty() ? "" : " ") + one.id;
      found.changes.push_back(change_of(stream_, one));
    }
  } while (found.changes.empty() && !until.passed(time_.now()));
  co_return found;
}

asio::awaitable<result<void>> redis_event_stream::confirm(std::string upto, deadline until) {
  const auto ids = split(upto);
  if (ids.empty()) co_return result<void>{};
  std::vector<std::string_view> words{"XACK", stream_, group_};
  words.insert(words.end(), ids.begin(), ids.end());
  redis::batch question;
  question.add(words);
  const auto answer = co_await redis_.ask(std::move(question), until);
  if (!answer) co_return answer.error();
  if (answer->is != reply::kind::integer) co_return redis_.unusable(*answer);
  co_return result<void>{};
}

std::string redis_event_stream::name() const {
  return "redis stream " + stream_ + " at " + redis_.address();
}

asio::awaitable<void> redis_event_stream::stop() {
  return redis_.stop();
}

// What was given before and not confirmed; what others have left behind, which is given to this consumer
// then; what is new.
asio::awaitable<result<redis_event_stream::entries>> redis_event_stream::look(deadline end) {
  if (owing_) {
    auto owed = co_await look_back();
    if (!owed || !owed->empty()) co_return owed;
  }
  const entries nothing;
  const auto taken = co_await take_over();
  if (!taken) co_return taken.error();
  if (owing_) co_return nothing;
  const auto left = std::chrono::duration_cast<milliseconds>(end.remaining(time_.now()));
  const auto block = std::clamp(left, milliseconds{1}, look_max);  // 0 would be for ever
  auto fresh = co_await read(">", block);
  if (fresh) owing_ = !fresh->empty();
  co_return fresh;
}

// An entry that is larger than a reply may be ends the session in which it is read, again and again.
asio::awaitable<result<redis_event_stream::entries>> redis_event_stream::look_back() {
  const bool wary = count_ == 1;
  if (wary) {
    const auto first = co_await first_owed();
    if (!first) co_return first.error();
    if (*first != suspect_) suspicions_ = 0;
    suspect_ = *first;
    if (suspicions_ >= suspicions_max) {
      entries passed_over;
      passed_over.push_back({.id = suspect_, .too_large = true});
      co_return passed_over;
    }
  }
  auto found = co_await read(from_the_start, milliseconds::zero());
  if (found) owing_ = !found->empty();
  if (!found && wary && !suspect_.empty()) ++suspicions_;
  co_return found;
}

asio::awaitable<result<redis_event_stream::entries>> redis_event_stream::read(std::string_view after,
                                                                              milliseconds block) {
  const auto count = std::to_string(count_);
  const auto block_ms = std::to_string(block.count());
  std::vector<std::string_view> words{"XREADGROUP", "GROUP", group_, consumer_, "COUNT", count};
  if (block > milliseconds::zero()) words.insert(words.end(), {"BLOCK", block_ms});
  words.insert(words.end(), {"STREAMS", stream_, after});
  redis::batch question;
  question.add(words);
  const auto until = deadline::after(time_.now(), block + answer_max);
  auto answer = co_await redis_.ask(std::move(question), until);
  if (!answer) {
    owing_ = true;  // it may have been given and not have arrived
    count_ = 1;
    co_return answer.error();
  }
  count_ = std::min(entries_max, count_ * 4);
  auto found = read_entries(*answer);
  if (found) co_return std::move(*found);
  const auto mended = co_await mend(std::move(*answer));
  if (!mended) co_return mended.error();
  const entries nothing;
  co_return nothing;
}

asio::awaitable<result<std::string>> redis_event_stream::first_owed() {
  redis::batch question;
  question.add({"XPENDING", stream_, group_, "-", "+", "1", consumer_});
  const auto until = deadline::after(time_.now(), answer_max);
  auto answer = co_await redis_.ask(std::move(question), until);
  if (!answer) co_return answer.error();
  std::string first;
  if (answer->is == reply::kind::array) {
    const bool there = !answer->elements.empty() && !answer->elements[0].elements.empty();
    if (there) first = std::move(answer->elements[0].elements[0].text);
    co_return first;
  }
  const auto mended = co_await mend(std::move(*answer));
  if (!mended) co_return mended.error();
  co_return first;
}

asio::awaitable<result<void>> redis_event_stream::take_over() {
  const auto now = time_.now();
  if (now < next_take_over_) co_return result<void>{};
  const auto idle = std::to_string(take_over_after_.count());
  redis::batch question;
  question.add({"XAUTOCLAIM", stream_, group_, consumer_, idle, take_over_from_, "COUNT", "100", "JUSTID"});
  const auto until = deadline::after(now, answer_max);
  auto answer = co_await redis_.ask(std::move(question), until);
  if (!answer) co_return answer.error();
  if (answer->is != reply::kind::array || answer->elements.size() < 2) {
    co_return co_await mend(std::move(*answer));
  }
  const auto& claimed = answer->elements[1].elements;
  if (!claimed.empty()) {
    log::out().info("{}: {} entries of other consumers taken over", name(), claimed.size());
    owing_ = true;
  }
  take_over_from_ = std::move(answer->elements[0].text);
  if (take_over_from_ == from_the_start) next_take_over_ = now + take_over_after_ / 4;
  co_return result<void>{};
}

// From the stream's beginning: what came before the group is applied too, which costs loads; left out, it
// could be what was added after all keys had been lost.
asio::awaitable<result<void>> redis_event_stream::mend(reply answer) {
  if (!lacks_group(answer)) co_return redis_.unusable(answer);
  redis::batch question;
  question.add({"XGROUP", "CREATE", stream_, group_, "0", "MKSTREAM"});
  const auto until = deadline::after(time_.now(), answer_max);
  const auto made = co_await redis_.ask(std::move(question), until);
  if (!made) co_return made.error();
  const bool there = made->is == reply::kind::error && made->text.starts_with("BUSYGROUP");
  if (made->is != reply::kind::status && !there) co_return redis_.unusable(*made);
  co_return result<void>{};
}

}  // namespace ctxcache::redis

namespace ctxcache {

result<std::unique_ptr<change_source>> make_redis_change_stream(boost::asio::any_io_executor home,
                                                                const change_stream_options& options,
                                                                const clock& time) {
  CTX_TRY(auto link, redis::connection_options(options));
  if (options.stream.empty() || options.group.empty() || options.consumer.empty() ||
      options.take_over_after <= std::chrono::milliseconds::zero()) {
    return errc::invalid_config;
  }
  redis::redis_event_stream::options with{.link = std::move(link),
                                          .stream = options.stream,
                                          .group = options.group,
                                          .consumer = options.consumer,
                                          .take_over_after = options.take_over_after};
  return std::make_unique<redis::redis_event_stream>(std::move(home), std::move(with), time);
}

}  // namespace ctxcache
