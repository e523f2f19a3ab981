#include "support/redis_server.hpp"

#include <signal.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace ctxcache::test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

std::string read_answer(tcp::socket& socket, std::string& buffer);

std::string read_line(tcp::socket& socket, std::string& buffer) {
  const auto size = asio::read_until(socket, asio::dynamic_buffer(buffer), "\r\n");
  auto line = buffer.substr(0, size - 2);
  buffer.erase(0, size);
  return line;
}

std::string read_bytes(tcp::socket& socket, std::string& buffer, std::size_t size) {
  if (buffer.size() < size + 2) {
    asio::read(socket, asio::dynamic_buffer(buffer), asio::transfer_at_least(size + 2 - buffer.size()));
  }
  auto bytes = buffer.substr(0, size);
  buffer.erase(0, size + 2);
  return bytes;
}

std::string read_array(tcp::socket& socket, std::string& buffer, int size) {
  std::string lines;
  for (int i = 0; i < size; ++i) lines += (i == 0 ? "" : "\n") + read_answer(socket, buffer);
  return lines;
}

std::string read_answer(tcp::socket& socket, std::string& buffer) {
  const auto line = read_line(socket, buffer);
  if (line == "$-1" || line == "*-1") return "(nil)";
  if (line[0] == '$') return read_bytes(socket, buffer, std::stoul(line.substr(1)));
  if (line[0] == '*') return read_array(socket, buffer, std::stoi(line.substr(1)));
  return line[0] == '-' ? line : line.substr(1);
}

}  // namespace

redis_server::redis_server(std::vector<std::string> options)
    : port_(free_port()), options_(std::move(options)) {
  start();
}

void redis_server::start() {
  std::vector<std::string> arguments{"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1",
                                     "--save",       "",       "--appendonly",        "no",     "--dir",
                                     folder_.path()};
  arguments.insert(arguments.end(), options_.begin(), options_.end());
  process_.emplace(arguments, folder_.path() + "/redis.log");
  if (!eventually([this] { return accepts(port_); })) throw std::runtime_error{"redis-server does not start"};
}

void redis_server::kill() {
  process_.reset();
}

void redis_server::hang() const {
  process_->signal(SIGSTOP);
}

void redis_server::resume() const {
  process_->signal(SIGCONT);
}

std::string redis_server::command(const std::vector<std::string>& words) const {
  asio::io_context loop;
  tcp::socket socket{loop};
  socket.connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port_)});
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  asio::write(socket, asio::buffer(bytes));
  std::string buffer;
  return read_answer(socket, buffer);
}

}  // namespace ctxcache::test
