#include "redis/redis_log_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/try.hpp"
#include "ctxcache/backends.hpp"
#include "redis/connection_options.hpp"
#include "redis/log_answers.hpp"
#include "redis/log_messages.hpp"

namespace ctxcache::redis {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
// Redis serves nobody else while it answers; and what these messages weigh at most is far below what one
// reply may have.
constexpr std::size_t page_messages = 1'024;
// WAIT holds up whatever follows it on its connection, so it is asked again and again for a little.
constexpr std::string_view wait_slice_ms = "10";
// A slice that nobody acknowledges ends when Redis looks at its clock next, ten times a second by default.
constexpr milliseconds wait_slice_max{150};
// A look at the log's end is held back no longer than this: so soon a tail is woken, and a connection that
// died in silence is given up soon after, however long the tail waits.
constexpr milliseconds look_max{200};
// How much later than its time an empty answer to a look may come before the connection is given up.
constexpr milliseconds look_margin{500};

}  // namespace

redis_log_store::redis_log_store(asio::any_io_executor home, options with, const clock& time)
    : home_(home),
      link_(with.link),
      log_(with.prefix + ":log"),
      meta_(with.prefix + ":meta"),
      log_max_messages_(std::to_string(with.log_max_messages)),
      constants_(text_of(with.constants)),
      poll_(with.poll),
      time_(time),
      commands_(std::move(home), std::move(with.link), time),
      poll_pause_(home_) {}

asio::awaitable<result<position>> redis_log_store::publish(log_record record, deadline until) {
  const auto epoch = fresh_epoch();
  std::vector<std::string_view> arguments{epoch, constants_, log_max_messages_};
  const auto fields = fields_of(record);
  std::ranges::copy(fields, std::back_inserter(arguments));
  const auto answer = co_await call(publish_script(), std::move(arguments), until);
  if (!answer) co_return answer.error();
  const auto place = read_place(*answer);
  if (!place) co_return unusable(commands_, *answer);
  co_return *place;
}

asio::awaitable<result<log_store::beat_answer>> redis_log_store::heartbeat(beat mine, std::uint64_t replicas,
                                                                           deadline until) {
  const auto epoch = fresh_epoch();
  const auto field = "m:" + mine.member;
  const auto applied_in = fmt::format("{:016x}", mine.applied.epoch);
  const auto applied = std::to_string(mine.applied.sequence);
  const auto count = std::to_string(mine.count);
  std::vector<std::string_view> arguments{
      epoch, constants_, field, applied_in, applied, count, mine.epoch_is_old ? "1" : "0"};
  const auto answer = co_await call(heartbeat_script(), std::move(arguments), until);
  if (!answer) co_return answer.error();
  auto beaten = read_beat_answer(*answer);
  if (!beaten) co_return unusable(commands_, *answer);
  if (replicas > 0) {
    const auto acknowledged = co_await wait(replicas, until);
    if (!acknowledged) co_return acknowledged.error();
    beaten->replicas = *acknowledged;
  }
  co_return *beaten;
}

asio::awaitable<result<std::uint64_t>> redis_log_store::wait(std::uint64_t replicas, deadline until) {
  if (until.passed(time_.now())) co_return errc::l2_timeout;
  const auto wanted = std::to_string(replicas);
  std::uint64_t acknowledged = 0;
  bool patient = true;
  do {
    // WAIT asks for what was written in its session; in a later one every replica would count.
    if (commands_.sessions() != written_in_) co_return std::uint64_t{0};
    batch question;
    patient = until.remaining(time_.now()) > wait_slice_max;
    question.add({"WAIT", patient ? std::string_view{wanted} : "0", wait_slice_ms});  // 0: only count
    const auto answer = co_await commands_.ask(std::move(question), until);
    if (!answer) co_return answer.error();
    if (answer->is != reply::kind::integer) co_return unusable(commands_, *answer);
    acknowledged = static_cast<std::uint64_t>(answer->integer);
  } while (patient && acknowledged < replicas);
  co_return acknowledged;
}

asio::awaitable<result<std::vector<log_message>>> redis_log_store::read(std::uint64_t after, std::size_t most,
                                                                        deadline until) {
  std::vector<log_message> found;
  bool more = most > 0;
  while (more) {
    const auto count = std::min(most - found.size(), page_messages);
    const auto count_text = std::to_string(count);
    const auto from = std::to_string(found.empty() ? after : found.back().at.sequence) + "-0";
    batch question;
    question.add({"XREAD", "COUNT", count_text, "STREAMS", log_, from});
    auto page = co_await ask_for(read_messages, commands_, std::move(question), until);
    if (!page) co_return page.error();
    std::ranges::move(*page, std::back_inserter(found));
    more = page->size() == count && found.size() < most;
  }
  co_return found;
}

asio::awaitable<result<std::vector<log_message>>> redis_log_store::tail(std::uint64_t after,
                                                                        milliseconds wait) {
  if (stopped_) co_return errc::l2_unavailable;
  if (!tail_) {
    auto link = link_;
    link.client_name += "-tail";
    tail_.emplace(home_, std::move(link), time_);
  }
  const auto end = deadline::after(time_.now(), wait);
  tail_woken_ = false;
  while (true) {
    auto found = co_await look(after, end);
    if (!found || !found->empty() || tail_woken_ || end.passed(time_.now())) co_return found;
    if (poll_ > milliseconds::zero()) {
      poll_pause_.expires_after(std::min<boot_clock::duration>(poll_, end.remaining(time_.now())));
      pausing_ = true;
      co_await poll_pause_.async_wait(quietly);
      pausing_ = false;
    }
  }
}

asio::awaitable<result<std::vector<log_message>>> redis_log_store::look(std::uint64_t after, deadline end) {
  const auto now = time_.now();
  const auto count = std::to_string(page_messages);
  const auto from = std::to_string(after) + "-0";
  auto until = deadline::after(now, look_margin);
  std::vector<std::string_view> words{"XREAD", "COUNT", count};
  std::string block_ms;
  if (poll_ == milliseconds::zero()) {
    const auto left = std::chrono::duration_cast<milliseconds>(end.remaining(now));
    const auto block = std::clamp(left, milliseconds{1}, look_max);  // 0 would be for ever
    until.at += block;
    block_ms = std::to_string(block.count());
    words.insert(words.end(), {"BLOCK", block_ms});
  }
  words.insert(words.end(), {"STREAMS", log_, from});
  batch question;
  question.add(words);
  co_return co_await ask_for(read_messages, *tail_, std::move(question), until);
}

void redis_log_store::wake_tail() {
  tail_woken_ = true;
  poll_pause_.cancel();
}

asio::awaitable<result<std::uint64_t>> redis_log_store::first_retained(deadline until) {
  batch question;
  question.add({"XRANGE", log_, "-", "+", "COUNT", "1"});
  co_return co_await ask_for(read_first, commands_, std::move(question), until);
}

asio::awaitable<result<log_store::members>> redis_log_store::registered(deadline until) {
  batch question;
  question.add({"HGETALL", meta_});
  co_return co_await ask_for(read_members, commands_, std::move(question), until);
}

asio::awaitable<result<bool>> redis_log_store::remove(std::string id, std::optional<std::uint64_t> count,
                                                      deadline until) {
  // An error_code converts to bool too, so a result<bool> has to be told which of the two it is.
  const auto failed = [](error_code why) { return result<bool>{boost::system::in_place_error, why}; };
  const auto field = "m:" + id;
  const auto expected = count ? std::to_string(*count) : std::string{};
  std::vector<std::string_view> arguments{field, expected};
  const auto answer = co_await call(remove_script(), std::move(arguments), until);
  if (!answer) co_return failed(answer.error());
  if (answer->is != reply::kind::integer) co_return failed(unusable(commands_, *answer));
  co_return answer->integer == 1;
}

asio::awaitable<result<server_facts>> redis_log_store::inspect(deadline until) {
  batch question;
  question.add({"INFO"});
  co_return co_await ask_for(read_facts, commands_, std::move(question), until);
}

asio::awaitable<void> redis_log_store::stop() {
  stopped_ = true;
  wake_tail();
  if (tail_) co_await tail_->stop();
  co_await commands_.stop();
  while (pausing_) co_await asio::post(home_, asio::use_awaitable);  // it is about to be resumed
}

asio::awaitable<result<reply>> redis_log_store::call(const sturdy_script& what,
                                                     std::vector<std::string_view> arguments,
                                                     deadline until) {
  const auto session = std::max<std::uint64_t>(commands_.sessions(), 1);  // or a later one
  arguments.insert(arguments.begin(), {"2", log_, meta_});
  auto answer = co_await commands_.call(what, std::move(arguments), until);
  const bool wrote = answer && answer->is == reply::kind::array;  // remove may have had nothing to do
  if (wrote) written_in_ = std::max(written_in_, session);
  co_return answer;
}

template <class Answer>
asio::awaitable<result<Answer>> redis_log_store::ask_for(std::optional<Answer> (*reader)(const reply&),
                                                         client& where, batch question, deadline until) {
  const auto answer = co_await where.ask(std::move(question), until);
  if (!answer) co_return answer.error();
  auto found = reader(*answer);
  if (!found) co_return unusable(where, *answer);
  co_return std::move(*found);
}

std::string redis_log_store::fresh_epoch() {
  std::uniform_int_distribution<std::uint64_t> any{1};  // 0 is nobody's
  return fmt::format("{:016x}", any(entropy_));
}

error_code redis_log_store::unusable(client& where, const reply& answer) {
  const auto why = where.unusable(answer);
  if (answer.is == reply::kind::error && says_replica(answer.text)) {
    commands_.leave_replica();
    if (tail_) tail_->leave_replica();  // it would go on hearing what the replica hears
  }
  return why;
}

}  // namespace ctxcache::redis

namespace ctxcache {

result<std::unique_ptr<log_store>> make_redis_log_store(boost::asio::any_io_executor home,
                                                        const log_store_options& options, const clock& time) {
  CTX_TRY(auto link, redis::connection_options(options));
  if (options.prefix.empty() || options.prefix.starts_with("context:") || options.log_max_messages == 0 ||
      options.poll < std::chrono::milliseconds::zero()) {
    return errc::invalid_config;
  }
  redis::redis_log_store::options with{.link = std::move(link),
                                       .prefix = options.prefix,
                                       .log_max_messages = options.log_max_messages,
                                       .constants = options.constants,
                                       .poll = options.poll};
  return std::make_unique<redis::redis_log_store>(std::move(home), std::move(with), time);
}

}  // namespace ctxcache
