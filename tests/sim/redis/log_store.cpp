#include "redis/log_store.hpp"

#include <utility>

#include "base/random.hpp"

namespace ctxcache::sim {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds wait_slice{10};
constexpr milliseconds wait_slice_max{20};
constexpr milliseconds tail_margin{500};

/// An answer with what its session has written up to then.
template <class T>
struct written {
  T answer;
  std::uint64_t offset;
};

}  // namespace

template <class T>
asio::awaitable<result<T>> log_store::ask(std::function<T(server&)> what, deadline until) {
  if (until.passed(time_.now())) co_return result<T>{boost::system::in_place_error, errc::l2_timeout};
  if (stopped_) co_return result<T>{boost::system::in_place_error, errc::l2_unavailable};
  std::function<void(server&, connection::reply<T>)> asked =
      [what = std::move(what)](server& there, const connection::reply<T>& reply) { reply(what(there)); };
  const auto budget = until.remaining(time_.now());
  co_return co_await commands_.ask<T>(std::move(asked), budget);
}

server::caller log_store::myself() const {
  return {.nonce = random_u64() | 1, .constants = options_.constants};
}

void log_store::wrote(std::uint64_t session, std::uint64_t offset) {
  written_in_ = session;
  written_ = offset;
}

asio::awaitable<result<position>> log_store::publish(log_record record, deadline until) {
  const auto session = commands_.session();
  std::function<written<position>(server&)> what = [record = std::move(record), by = myself(),
                                                    most = options_.log_max_messages](server& there) {
    const auto place = there.publish(record, by, most);
    return written<position>{place, there.offset()};
  };
  const auto done = co_await ask<written<position>>(std::move(what), until);
  if (!done) co_return done.error();
  wrote(session, done->offset);
  co_return done->answer;
}

asio::awaitable<result<log_store::beat_answer>> log_store::heartbeat(beat mine, std::uint64_t replicas,
                                                                     deadline until) {
  const auto session = commands_.session();
  std::function<written<beat_answer>(server&)> what = [mine = std::move(mine), by = myself()](server& there) {
    const auto beaten = there.heartbeat(mine, by);
    return written<beat_answer>{beaten, there.offset()};
  };
  auto done = co_await ask<written<beat_answer>>(std::move(what), until);
  if (!done) co_return done.error();
  wrote(session, done->offset);
  auto beaten = done->answer;
  if (replicas > 0) {
    const auto acknowledged = co_await wait(replicas, until);
    if (!acknowledged) co_return acknowledged.error();
    beaten.replicas = *acknowledged;
  }
  co_return beaten;
}

asio::awaitable<result<std::uint64_t>> log_store::wait(std::uint64_t replicas, deadline until) {
  for (;;) {
    if (until.passed(time_.now())) co_return errc::l2_timeout;
    if (stopped_) co_return errc::l2_unavailable;
    if (commands_.session() != written_in_) co_return std::uint64_t{0};
    const bool patient = until.remaining(time_.now()) > wait_slice_max;
    std::function<void(server&, connection::reply<std::uint64_t>)> what =
        [offset = written_, replicas, patient](server& there, connection::reply<std::uint64_t> reply) {
          auto answer = [reply = std::move(reply)](std::uint64_t have) { reply(have); };
          there.wait(offset, patient ? replicas : 0, wait_slice, std::move(answer));
        };
    const auto budget = until.remaining(time_.now());
    const auto have = co_await commands_.ask<std::uint64_t>(std::move(what), budget);
    if (!have || *have >= replicas || !patient) co_return have;
  }
}

asio::awaitable<result<std::vector<log_message>>> log_store::read(std::uint64_t after, std::size_t most,
                                                                  deadline until) {
  std::function<messages(server&)> what = [after, most](server& there) { return there.read(after, most); };
  co_return co_await ask<messages>(std::move(what), until);
}

asio::awaitable<result<std::vector<log_message>>> log_store::tail(std::uint64_t after, milliseconds wait) {
  if (stopped_) co_return errc::l2_unavailable;
  std::function<void(server&, connection::reply<messages>)> what =
      [after, wait](server& there, connection::reply<messages> reply) {
        there.tail(after, wait, [reply = std::move(reply)](messages found) { reply(std::move(found)); });
      };
  const boot_clock::duration budget = wait + tail_margin;
  co_return co_await tail_.ask<messages>(std::move(what), budget);
}

void log_store::wake_tail() {
  const auto tailing = std::dynamic_pointer_cast<question_of<messages>>(tail_.asked_last());
  if (tailing) tailing->settle(messages{});
}

asio::awaitable<result<server_facts>> log_store::inspect(deadline until) {
  std::function<server_facts(server&)> what = [](server& there) {
    return server_facts{
        .version = "7.0.15", .eviction_policy = "noeviction", .replicas_connected = there.replicas()};
  };
  co_return co_await ask<server_facts>(std::move(what), until);
}

asio::awaitable<result<std::uint64_t>> log_store::first_retained(deadline until) {
  std::function<std::uint64_t(server&)> what = [](server& there) { return there.first_retained(); };
  co_return co_await ask<std::uint64_t>(std::move(what), until);
}

asio::awaitable<result<log_store::members>> log_store::registered(deadline until) {
  std::function<members(server&)> what = [](server& there) { return there.registered(); };
  co_return co_await ask<members>(std::move(what), until);
}

asio::awaitable<result<bool>> log_store::remove(std::string id, std::optional<std::uint64_t> count,
                                                deadline until) {
  std::function<bool(server&)> what = [id = std::move(id), count](server& there) {
    return there.remove(id, count);
  };
  co_return co_await ask<bool>(std::move(what), until);
}

asio::awaitable<void> log_store::stop() {
  stopped_ = true;
  for (const auto* one : {&commands_, &tail_}) {
    if (const auto asked = one->asked_last()) asked->fail(errc::l2_unavailable);
  }
  co_return;
}

}  // namespace ctxcache::sim
