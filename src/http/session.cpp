#include "http/session.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <utility>

#include "base/log.hpp"
#include "base/run_on.hpp"
#include "http/handlers.hpp"
#include "http/header_values.hpp"

namespace ctxcache::http {

namespace asio = boost::asio;

namespace {

// A header line is parsed only when it is there whole, so the buffer may have to hold a whole header.
constexpr std::size_t input_bytes_start = std::size_t{4} << 10;
constexpr std::chrono::seconds linger_time{2};

}  // namespace

session::session(service& on, date_line& date, asio::ip::tcp::socket socket)
    : on_(on),
      date_(date),
      socket_(std::move(socket)),
      parser_(on.options.max_body_bytes),
      input_(input_bytes_start),
      now_(on.parts.time->now()),
      since_(now_) {}

asio::awaitable<void> session::run() {
  for (;;) {
    const auto next = serve_buffered();
    const auto wrote = send_now();
    if (wrote == sent::failed) co_return;
    if (wrote == sent::blocked && !co_await send_rest()) co_return;
    if (next == step::finish) co_return;
    if (next == step::linger) break;
    if (next == step::write) continue;
    if (next == step::handler) {
      enter(phase::handler, now_);
      auto what = co_await answer_later(on_, call_);
      now_ = on_.parts.time->now();
      push(std::move(what));
      continue;
    }
    enter_reading();
    const auto space = free_input();
    const auto [error, bytes] = co_await socket_.async_read_some(space, quietly);
    if (error) co_return;
    end_ += bytes;
    now_ = on_.parts.time->now();
  }
  co_await linger();
}

session::step session::serve_buffered() {
  if (closing_) return step::finish;
  while (begin_ != end_) {
    if (out_.full()) return step::write;
    const auto got = parser_.feed({input_.data() + begin_, end_ - begin_});
    begin_ += got.consumed;
    if (got.now == request_parser::state::failed) return refuse_malformed();
    if (got.now == request_parser::state::need_more) {
      send_continue();
      return step::read;
    }
    const auto next = serve_one();
    if (next != step::read) return next;
  }
  return step::read;
}

session::step session::serve_one() {
  auto& from = parser_.current();
  if (!is_sane_request_id(from.request_id)) from.request_id = make_request_id();
  call_ = {.from = &from,
           .to = find_route(from),
           .now = now_,
           .until = deadline::after(now_, on_.options.request_timeout)};
  auto ready = answer_now(on_, call_);
  if (!ready) return step::handler;
  push(std::move(*ready));
  return closing_ ? step::finish : step::read;
}

session::step session::refuse_malformed() {
  auto& from = parser_.current();
  const auto& why = parser_.why();
  from.request_id = make_request_id();
  from.keep_alive = false;  // where the next request would begin, nobody knows
  call_ = {.from = &from, .to = {.to = endpoint::malformed}, .now = now_, .until = {}};
  const bool large = why.status == 413 || why.status == 431;
  push(refuse(call_, problem{why.status, large ? "too_large" : "invalid_request", std::string{why.detail}}));
  return step::linger;
}

void session::push(answer what) {
  const auto& from = *call_.from;
  closing_ = !from.keep_alive || on_.draining.load(std::memory_order_relaxed);
  const auto status = what.status;
  uncounted_.push_back({call_.to.to, status, call_.now});
  const auto level =
      status >= 500 && call_.to.to != endpoint::ready ? spdlog::level::warn : spdlog::level::debug;
  if (log::out().should_log(level)) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now_ - call_.now);
    log::out().log(level, "{} {} us={} request_id={} origin={}", name(call_.to.to), status, took.count(),
                   from.request_id, what.origin.empty() ? "-" : what.origin);
  }
  const outbox::envelope in{.date = date_.at(now_),
                            .request_id = from.request_id,
                            .close = closing_,
                            .keep_alive = !from.http_11,
                            .head = from.verb == method::head};
  out_.push(std::move(what), in);
  parser_.next();
  continue_sent_ = false;
  enter(phase::idle, now_);
}

void session::send_continue() {
  const auto& from = parser_.current();
  if (continue_sent_ || !from.expects_continue || !parser_.header_done() || !from.body.empty()) return;
  out_.push_raw("HTTP/1.1 100 Continue\r\n\r\n");
  continue_sent_ = true;
}

session::sent session::send_now() {
  if (!uncounted_.empty()) record_answered(on_.parts.time->now());
  while (!out_.empty()) {
    boost::system::error_code error;
    const auto bytes = socket_.write_some(out_.buffers(), error);
    if (error == asio::error::would_block) return sent::blocked;
    if (error) return sent::failed;
    out_.consume(bytes);
  }
  return sent::all;
}

void session::record_answered(time_point now) {
  for (const auto& one : uncounted_) on_.metrics.record(one.to, one.status, now - one.began);
  uncounted_.clear();
}

asio::awaitable<bool> session::send_rest() {
  // A caller that takes nothing for body_timeout is closed; each piece it takes gives it that time again.
  for (;;) {
    enter(phase::write, on_.parts.time->now());
    const auto [error] = co_await socket_.async_wait(asio::ip::tcp::socket::wait_write, quietly);
    if (error) co_return false;
    const auto wrote = send_now();
    if (wrote == sent::failed) co_return false;
    if (wrote == sent::all) break;
  }
  now_ = on_.parts.time->now();
  enter(phase::idle, now_);
  co_return true;
}

asio::awaitable<void> session::linger() {
  // Closed with input unread, the kernel resets the connection and may drop the answer that says why.
  boost::system::error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  enter(phase::linger, now_);
  while (!error) {
    const asio::mutable_buffer space{input_.data(), input_.size()};
    const auto [failure, bytes] = co_await socket_.async_read_some(space, quietly);
    error = failure;
  }
}

asio::mutable_buffer session::free_input() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == input_.size() && begin_ > 0) {
    std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
              input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  // A line that fills header_bytes_max has been refused by the parser, so this ends there.
  if (end_ == input_.size()) input_.resize(input_.size() * 2);
  return {input_.data() + end_, input_.size() - end_};
}

void session::enter(phase what, time_point now) {
  phase_ = what;
  since_ = now;
}

void session::enter_reading() {
  const auto next = parser_.header_done() ? phase::body : parser_.started() ? phase::header : phase::idle;
  // A header or body that has begun keeps its start, however many reads it takes.
  if (next != phase_) enter(next, now_);
}

void session::close_if_late(time_point now) {
  const auto limit = [this]() -> boot_clock::duration {
    switch (phase_) {
      case phase::idle:
        return on_.options.idle_timeout;
      case phase::header:
        return on_.options.header_timeout;
      case phase::body:
      case phase::write:
        return on_.options.body_timeout;
      case phase::linger:
        return linger_time;
      case phase::handler:
        break;  // it has its deadline
    }
    return boot_clock::duration::max();
  };
  if (now - since_ > limit()) close();
}

void session::close_if_idle() {
  if (phase_ == phase::idle) close();
}

void session::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace ctxcache::http
