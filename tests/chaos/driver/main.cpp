// ctx_chaos: the load, the provider and the proxies of the tests over real processes. A test starts it, tells
// it by lines what to do (orders.hpp) and ends it by closing its input.
#include <fmt/format.h>

#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

#include "base/gate.hpp"
#include "base/run_on.hpp"
#include "orders.hpp"

namespace ctxcache::chaos {
namespace {

namespace asio = boost::asio;

void say(const std::string& line) {
  fmt::print("{}\n", line);
  static_cast<void>(std::fflush(stdout));
}

asio::awaitable<void> obey(asio::io_context& loop, orders& by) {
  asio::posix::stream_descriptor input{loop, ::dup(STDIN_FILENO)};
  std::string text;
  for (;;) {
    auto buffer = asio::dynamic_buffer(text, 65'536);
    const auto [ended, bytes] = co_await asio::async_read_until(input, buffer, '\n', quietly);
    if (ended) break;
    std::string line = text.substr(0, bytes);
    text.erase(0, bytes);
    try {
      say(co_await by.carry_out(std::move(line)));
    } catch (const std::exception& error) {
      say(fmt::format(R"({{"error": "{}"}})", error.what()));
    }
  }
  loop.stop();
}

void run() {
  asio::io_context loop{1};
  asio::io_context proxies{1};
  orders by{loop, proxies};
  say(by.hello());
  std::thread beside{[&] { proxies.run(); }};
  gate running;
  running.spawn(loop.get_executor(), "orders", obey(loop, by));
  loop.run();
  proxies.stop();
  beside.join();
  // Coroutines that still wait are the loops' to destroy; nobody drains their gates.
  std::_Exit(0);
}

}  // namespace
}  // namespace ctxcache::chaos

int main() {
  try {
    ctxcache::chaos::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "ctx_chaos: {}\n", error.what());
    return 1;
  }
}
