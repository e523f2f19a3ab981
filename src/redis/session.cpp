#include "redis/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace ctxcache::redis {

namespace asio = boost::asio;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
// Redis works on these while the rest is still being queued.
constexpr std::size_t commands_per_flush = 8;

}  // namespace

// A caller that waits for its batch; `wake` never expires, it is cancelled.
struct session::waiter {
  explicit waiter(const asio::any_io_executor& where) : wake(where, asio::steady_timer::time_point::max()) {}
  asio::steady_timer wake;
  std::optional<result<std::vector<reply>>> got;
};

session::session(asio::ip::tcp::socket socket, const clock& time, gate& background)
    : socket_(std::move(socket)),
      time_(time),
      background_(background),
      expiry_(socket_.get_executor()),
      ended_(socket_.get_executor(), asio::steady_timer::time_point::max()) {}

void session::start() {
  error_code failed;  // options only make it faster, and a broken socket shows when it is read
  socket_.non_blocking(true, failed);
  socket_.set_option(asio::ip::tcp::no_delay{true}, failed);
  socket_.set_option(asio::socket_base::keep_alive{true}, failed);
  if (!background_.spawn(socket_.get_executor(), "redis reader", read(shared_from_this()))) close("stopped");
}

asio::awaitable<result<std::vector<reply>>> session::run(batch what, deadline until) {
  const auto self = shared_from_this();
  const auto mine = std::make_shared<waiter>(socket_.get_executor());
  const auto ticket = pipeline_.submit(std::move(what), until);
  if (!ticket) co_return ticket.error();
  waiters_.emplace(*ticket, mine);
  watch(until);
  flush_soon();
  if (!mine->got) co_await mine->wake.async_wait(quietly);
  if (!mine->got) close("a caller gave up waiting");  // its answer would arrive all the same
  co_return std::move(*mine->got);
}

void session::close(std::string why) {
  if (why_closed_) return;
  why_closed_ = std::move(why);
  error_code ignored;
  socket_.close(ignored);
  expiry_.cancel();
  ended_.cancel();
  deliver(pipeline_.poison());
}

asio::awaitable<std::string> session::closed() {
  const auto self = shared_from_this();
  if (!why_closed_) co_await ended_.async_wait(quietly);
  co_return why_closed_.value_or("");
}

asio::awaitable<void> session::read(std::shared_ptr<session> self) {
  const auto space = asio::buffer(self->input_);
  while (self->is_open()) {
    const auto [failed, size] = co_await self->socket_.async_read_some(space, quietly);
    if (failed) {
      self->close(failed.message());
      break;
    }
    self->deliver(self->pipeline_.feed({self->input_.data(), size}));
    if (self->pipeline_.poisoned()) self->close("the answers make no sense");
  }
}

// Gives those who are about to be resumed anyway the time to queue their commands too.
void session::flush_soon() {
  if (pipeline_.commands_to_write() >= commands_per_flush) return flush();
  if (std::exchange(flush_due_, true)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->flush(); });
}

void session::flush() {
  flush_due_ = false;
  if (write_under_way_ || !is_open()) return;
  writing_ = pipeline_.take_output(std::move(writing_));
  if (writing_.empty()) return;
  error_code failed;
  const auto written = socket_.write_some(asio::buffer(writing_), failed);
  if (failed && failed != asio::error::would_block) return close(failed.message());
  if (written == writing_.size()) return;
  write_under_way_ = true;
  auto rest = write_rest(shared_from_this(), written);
  if (!background_.spawn(socket_.get_executor(), "redis writer", std::move(rest))) close("stopped");
}

asio::awaitable<void> session::write_rest(std::shared_ptr<session> self, std::size_t written) {
  const auto rest = asio::buffer(self->writing_) + written;
  const auto [failed, size] = co_await asio::async_write(self->socket_, rest, quietly);
  self->write_under_way_ = false;
  if (failed) {
    self->close(failed.message());
  } else {
    self->flush();
  }
}

void session::watch(deadline until) {
  if (until.at >= watched_.at) return;
  watched_ = until;
  expiry_.expires_after(until.remaining(time_.now()));
  expiry_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->expire();
  });
}

void session::expire() {
  watched_ = {};
  deliver(pipeline_.expire(time_.now()));
  if (pipeline_.poisoned()) return close("no answer in time");
  watch(pipeline_.next_deadline());
}

void session::deliver(std::vector<pipeline::answer> answers) {
  for (auto& one : answers) {
    const auto found = waiters_.extract(one.whose);
    found.mapped()->got = std::move(one.got);
    found.mapped()->wake.cancel();
  }
}

}  // namespace ctxcache::redis
