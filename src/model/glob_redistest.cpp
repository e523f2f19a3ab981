// Our matcher against Redis' own: whatever keys and patterns, both find the same.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/glob.hpp"
#include "support/redis_server.hpp"

namespace ctxcache {
namespace {

using strings = std::vector<std::string>;

/// Just enough of a client: one command, one answer.
class plain_client {
 public:
  explicit plain_client(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error{"cannot connect"};
    }
  }
  ~plain_client() { ::close(socket_); }
  plain_client(const plain_client&) = delete;
  plain_client& operator=(const plain_client&) = delete;

  /// All strings of the answer, however nested, in their order.
  strings ask(const strings& words) {
    std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error{"cannot send"};
    }
    strings out;
    for (int expected = 1; expected > 0; --expected) {
      const auto line = take(buffer_line());
      const auto head = line.substr(1, line.size() - 3);
      if (line[0] == '-') throw std::runtime_error{head};
      if (line[0] == '*') expected += std::stoi(head);
      if (line[0] == '+') out.push_back(head);
      if (line[0] == '$') out.push_back(take(static_cast<std::size_t>(std::stoi(head)) + 2));
      if (line[0] == '$') out.back().resize(out.back().size() - 2);
    }
    return out;
  }

 private:
  void receive() {
    std::array<char, 65536> block;
    const auto bytes = ::recv(socket_, block.data(), block.size(), 0);
    if (bytes <= 0) throw std::runtime_error{"connection lost"};
    buffer_.append(block.data(), static_cast<std::size_t>(bytes));
  }
  std::size_t buffer_line() {
    while (buffer_.find("\r\n", begin_) == std::string::npos) receive();
    return buffer_.find("\r\n", begin_) + 2 - begin_;
  }
  std::string take(std::size_t bytes) {
    while (buffer_.size() - begin_ < bytes) receive();
    auto out = buffer_.substr(begin_, bytes);
    begin_ += bytes;
    if (begin_ == buffer_.size()) {
      buffer_.clear();
      begin_ = 0;
    }
    return out;
  }

  int socket_;
  std::string buffer_;
  std::size_t begin_ = 0;
};

/// One Redis for all tests of this file.
plain_client& redis() {
  static const test::redis_server server;
  static plain_client client{server.port()};
  return client;
}

void store(const strings& keys) {
  strings command{"MSET"};
  for (const auto& one : keys) command.insert(command.end(), {one, ""});
  redis().ask({"FLUSHALL"});
  if (!keys.empty()) redis().ask(command);
}

strings sorted(strings all) {
  std::sort(all.begin(), all.end());
  return all;
}

/// `keys` are sorted.
strings ours(const std::string& pattern, const strings& keys) {
  strings out;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(out),
               [&](const auto& one) { return glob_matches(pattern, one); });
  return out;
}

strings by_keys(const std::string& pattern) {
  return sorted(redis().ask({"KEYS", pattern}));
}

strings by_scan(const std::string& pattern) {
  strings out;
  std::string cursor = "0";
  do {
    auto page = redis().ask({"SCAN", cursor, "MATCH", pattern, "COUNT", "10000"});
    cursor = page.front();
    out.insert(out.end(), page.begin() + 1, page.end());
  } while (cursor != "0");
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Every string over `alphabet` of up to `longest` bytes.
strings all_over(std::string_view alphabet, std::size_t longest) {
  strings out{""};
  for (std::size_t from = 0, length = 1; length <= longest; ++length) {
    const auto to = out.size();
    for (; from < to; ++from) {
      for (const char c : alphabet) out.push_back(out[from] + c);
    }
  }
  return out;
}

TEST(glob_redis, agrees_on_all_short_patterns) {
  const auto keys = sorted(all_over("ab]-\\", 3));
  store(keys);
  for (const auto& pattern : all_over("ab*?[]^-\\", 4)) {
    ASSERT_EQ(by_keys(pattern), ours(pattern, keys)) << '"' << pattern << '"';
  }
}

RC_GTEST_PROP(glob_redis, agrees_on_random_patterns, ()) {
  const auto byte = rc::gen::elementOf(std::string{"aabb*?[]^-\\:\0\x7F\x80\xFF", 16});
  const auto text = rc::gen::container<std::string>(byte);
  auto keys = sorted(*rc::gen::container<strings>(rc::gen::resize(8, text)));
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  store(keys);
  for (const auto& pattern : *rc::gen::container<strings>(rc::gen::resize(16, text))) {
    const auto expected = ours(pattern, keys);
    RC_ASSERT(by_keys(pattern) == expected);
    RC_ASSERT(by_scan(pattern) == expected);
  }
}

}  // namespace
}  // namespace ctxcache
