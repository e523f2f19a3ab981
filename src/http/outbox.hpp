#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/answer.hpp"

namespace ctxcache::http {

/// The answers of one connection that are not yet written, in order: header blocks in one reused arena,
/// bodies where they are, so that all of them leave in one gather write.
class outbox {
 public:
  /// What the header block says besides the answer's own lines.
  struct envelope {
    std::string_view date;
    std::string_view request_id;
    bool close = false;       ///< the connection ends behind this answer
    bool keep_alive = false;  ///< said aloud, for HTTP/1.0
    bool head = false;        ///< a HEAD request: the header of a GET, no body
  };

  void push(answer what, const envelope& in);
  /// Bytes as they are, for interim answers.
  void push_raw(std::string_view bytes);

  [[nodiscard]] bool empty() const { return pending_bytes_ == 0; }
  /// Enough for one write: more answers would only take memory.
  [[nodiscard]] bool full() const { return pieces_.size() >= answers_max || pending_bytes_ >= bytes_max; }
  /// What is left to write; good until the next call that is not const.
  [[nodiscard]] std::span<const boost::asio::const_buffer> buffers();
  void consume(std::size_t bytes);

 private:
  // One answer is two buffers, and Asio hands 64 of them to one system call.
  static constexpr std::size_t answers_max = 32;
  static constexpr std::size_t bytes_max = std::size_t{1} << 20;
  static constexpr std::size_t arena_bytes_kept = std::size_t{32} << 10;

  /// A stretch of the arena up to `arena_end`, then a body.
  struct piece {
    std::size_t arena_end = 0;
    entry_ptr value;
    std::string text;
    bool with_body = false;
    [[nodiscard]] std::string_view body() const {
      if (!with_body) return {};
      return value ? std::string_view{value->body} : std::string_view{text};
    }
  };

  std::string arena_;
  std::vector<piece> pieces_;
  std::vector<boost::asio::const_buffer> buffers_;
  std::size_t written_bytes_ = 0;
  std::size_t pending_bytes_ = 0;
};

}  // namespace ctxcache::http
