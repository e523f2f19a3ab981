// Not a test itself: the daemon that the client's tests talk to.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "fake_daemon.hpp"

namespace ctxcache::client {
namespace {

// The number behind "Content-Length: ".
std::size_t body_bytes(const std::string& head) {
  constexpr std::string_view name = "Content-Length: ";
  const auto at = head.find(name);
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + name.size(), nullptr, 10);
}

}  // namespace

fake_daemon::fake_daemon(script how) : how_(std::move(how)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, plain, size) != 0 || listen(listener_, 8) != 0 ||
      getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("no port to listen on");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

fake_daemon::~fake_daemon() {
  shutdown(listener_, SHUT_RDWR);  // ends accept
  thread_.join();
  close(listener_);
}

std::string fake_daemon::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<fake_daemon::request> fake_daemon::asked() const {
  const std::lock_guard hold{mutex_};
  return asked_;
}

void fake_daemon::serve() {
  while (true) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    serve_one(connection);
    close(connection);
  }
}

void fake_daemon::serve_one(int connection) {
  std::string text;
  std::size_t head_end = std::string::npos;
  char block[4096];
  while (head_end == std::string::npos || text.size() < head_end + 4 + body_bytes(text)) {
    const auto count = read(connection, block, sizeof block);
    if (count <= 0) return;
    text.append(block, static_cast<std::size_t>(count));
    head_end = text.find("\r\n\r\n");
  }
  const request one{text.substr(0, head_end + 2), text.substr(head_end + 4)};
  const auto said = how_(one);
  {
    const std::lock_guard hold{mutex_};
    asked_.push_back(one);
  }
  if (said.status == 0) return;  // hangs up
  const auto wire = "HTTP/1.1 " + std::to_string(said.status) + " Reason\r\n" + said.headers +
                    "Content-Length: " + std::to_string(said.body.size()) + "\r\n\r\n" + said.body;
  for (std::size_t sent = 0; sent < wire.size();) {
    const auto count = send(connection, wire.data() + sent, wire.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

}  // namespace ctxcache::client
