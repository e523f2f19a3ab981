#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/error.hpp"

struct redisReader;

namespace ctxcache::redis {

/// One answer of the server (RESP2).
struct reply {
  enum class kind : std::uint8_t { nil, integer, status, error, bulk, array };
  kind is = kind::nil;
  std::int64_t integer = 0;
  std::string text{};             ///< of a status, error or bulk
  std::vector<reply> elements{};  ///< of an array
};

/// Commands that are sent back to back and answered together.
class batch {
 public:
  /// Adds one command: its name, then its arguments.
  void add(std::span<const std::string_view> words);
  void add(std::initializer_list<std::string_view> words) {
    add(std::span<const std::string_view>{words.begin(), words.size()});
  }

  [[nodiscard]] std::size_t size() const { return commands_; }
  [[nodiscard]] const std::string& bytes() const& { return bytes_; }
  [[nodiscard]] std::string bytes() && { return std::move(bytes_); }

 private:
  std::string bytes_;
  std::size_t commands_ = 0;
};

/// The most bytes that one reply may have, whatever it is made of.
inline constexpr std::size_t reply_bytes_max = std::size_t{32} << 20;
/// The most elements that one reply may have, at all depths together.
inline constexpr std::size_t reply_elements_max = 65'536;

/// Cuts a stream of bytes into replies: hiredis' reader with objects of our own. Arrays nest 8 deep at most.
class reply_parser {
 public:
  reply_parser();
  ~reply_parser();
  reply_parser(const reply_parser&) = delete;
  reply_parser& operator=(const reply_parser&) = delete;

  /// The replies that these bytes complete, in order. errc::l2_unavailable for what is not RESP2 or over a
  /// limit; the stream is lost then, and the parser with it.
  [[nodiscard]] result<std::vector<reply>> feed(std::string_view bytes);

 private:
  struct reader_deleter {
    void operator()(redisReader* reader) const noexcept;
  };
  std::size_t elements_left_ = reply_elements_max;  // of the reply being read; the reader points here
  std::size_t unfinished_bytes_ = 0;                // fed since the last whole reply
  std::unique_ptr<redisReader, reader_deleter> reader_;
};

}  // namespace ctxcache::redis
