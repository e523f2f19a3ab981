#include "proxy.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/run_on.hpp"

namespace ctxcache::chaos {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t piece_bytes = 16'384;
constexpr std::chrono::milliseconds look_again{2};

constexpr std::array<std::pair<std::string_view, manner>, 7> manners{{{"pass", manner::pass},
                                                                      {"refuse", manner::refuse},
                                                                      {"hang", manner::hang},
                                                                      {"mute", manner::mute},
                                                                      {"delay", manner::delay},
                                                                      {"truncate", manner::truncate},
                                                                      {"dribble", manner::dribble}}};

void end(tcp::socket& one) {
  boost::system::error_code ignored;
  one.shutdown(tcp::socket::shutdown_both, ignored);
  one.close(ignored);
}

}  // namespace

manner manner_named(std::string_view name) {
  for (const auto& [known, how] : manners) {
    if (known == name) return how;
  }
  throw std::invalid_argument{"no such manner: " + std::string{name}};
}

struct proxy::link {
  link(tcp::socket one, tcp::socket other) : near(std::move(one)), far(std::move(other)) {}
  void end_both() {
    end(near);
    end(far);
  }
  tcp::socket near;  // the daemon's
  tcp::socket far;   // Redis'
  std::array<char, piece_bytes> questions{};
  std::array<char, piece_bytes> answers{};
};

proxy::proxy(asio::io_context& loop)
    : loop_(loop), acceptor_(loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0}) {
  running_.spawn(loop.get_executor(), "proxy", accept());
}

void proxy::behave(manner how, std::chrono::milliseconds delay) {
  // Whose answers were swallowed can never be in step again.
  if (how_ == manner::mute && how != manner::mute) cut();
  how_ = how;
  delay_ = delay;
  if (how == manner::refuse) cut();
}

void proxy::cut() {
  for (const auto& one : std::exchange(links_, {})) {
    if (const auto still = one.lock()) still->end_both();
  }
}

asio::awaitable<void> proxy::rest(std::chrono::milliseconds how_long) {
  asio::steady_timer pause{loop_, how_long};
  co_await pause.async_wait(quietly);
}

asio::awaitable<void> proxy::accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(quietly);
    if (error) co_return;
    if (how_ == manner::refuse) continue;
    running_.spawn(loop_.get_executor(), "proxy's connection", open(std::move(socket)));
  }
}

asio::awaitable<void> proxy::open(tcp::socket near) {
  tcp::socket far{loop_};
  const tcp::endpoint there{asio::ip::address_v4::loopback(), target_};
  const auto [refused] = co_await far.async_connect(there, quietly);
  if (refused) co_return;
  const tcp::no_delay at_once{true};
  boost::system::error_code ignored;
  near.set_option(at_once, ignored);
  far.set_option(at_once, ignored);
  const auto both = std::make_shared<link>(std::move(near), std::move(far));
  std::erase_if(links_, [](const auto& one) { return one.expired(); });
  links_.push_back(both);
  running_.spawn(loop_.get_executor(), "answers", pump(both, true));
  co_await pump(both, false);
}

asio::awaitable<void> proxy::pump(std::shared_ptr<link> in, bool answers) {
  auto& from = answers ? in->far : in->near;
  auto& to = answers ? in->near : in->far;
  auto& space = answers ? in->answers : in->questions;
  for (;;) {
    const auto free = asio::buffer(space);
    const auto [ended, bytes] = co_await from.async_read_some(free, quietly);
    if (ended) break;
    while (how_ == manner::hang && from.is_open()) co_await rest(look_again);
    if (!co_await pass_on(to, bytes, *in, answers)) break;
  }
  in->end_both();
}

// False when that was the last.
asio::awaitable<bool> proxy::pass_on(tcp::socket& to, std::size_t bytes, link& in, bool answers) {
  if (answers && how_ == manner::mute) co_return true;
  if (how_ == manner::delay) co_await rest(delay_);
  const bool half = answers && how_ == manner::truncate;
  const char* const begin = answers ? in.answers.data() : in.questions.data();
  const std::size_t end = half ? bytes / 2 : bytes;
  for (std::size_t at = 0; at < end;) {
    const std::size_t size = answers && how_ == manner::dribble ? 1 : end - at;
    const auto piece = asio::buffer(begin + at, size);
    const auto [failed, sent] = co_await asio::async_write(to, piece, quietly);
    if (failed) co_return false;
    at += sent;
  }
  co_return !half;
}

}  // namespace ctxcache::chaos
