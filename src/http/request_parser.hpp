#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/request.hpp"

namespace ctxcache::http {

inline constexpr std::size_t header_bytes_max = std::size_t{16} << 10;

/// Reads one request after another off a connection, strictly: what two readers could understand in two ways
/// (both lengths, a length given twice, folded lines, bare line feeds, other transfer codings) is refused.
class request_parser {
 public:
  explicit request_parser(std::uint64_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  enum class state { need_more, complete, failed };
  struct progress {
    state now = state::need_more;
    std::size_t consumed = 0;
  };
  /// Goes on with `bytes`, which begin with what the last call did not consume. Stops behind the end of a
  /// request.
  [[nodiscard]] progress feed(std::string_view bytes);

  /// Why it failed: 400, 413, 417 or 431, and a sentence for the caller.
  struct failure {
    int status = 400;
    std::string_view detail;
  };
  [[nodiscard]] const failure& why() const { return why_; }

  /// The request; whole after state::complete, until `next`.
  [[nodiscard]] request& current() { return request_; }
  /// A request has begun and is not complete.
  [[nodiscard]] bool started() const { return message_ && message_->got_some(); }
  /// Its header is complete.
  [[nodiscard]] bool header_done() const { return message_ && message_->is_header_done(); }
  /// Makes ready for the request after this one.
  void next();

 private:
  using beast_error = boost::beast::error_code;
  using beast_text = boost::beast::string_view;

  /// Beast's callbacks. It cannot be used twice, so there is a new one for each request.
  class message final : public boost::beast::http::basic_parser<true> {
   public:
    explicit message(request_parser& owner);
    /// The bytes being parsed: a value outside of them was unfolded by Beast.
    void set_input(std::string_view bytes) { input_ = bytes; }
    [[nodiscard]] std::size_t header_bytes() const { return header_bytes_; }

   private:
    void on_request_impl(boost::beast::http::verb verb, beast_text name, beast_text target, int version,
                         beast_error& error) override;
    void on_response_impl(int, beast_text, int, beast_error&) override {}
    void on_field_impl(boost::beast::http::field field, beast_text name, beast_text value,
                       beast_error& error) override;
    void on_header_impl(beast_error& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, beast_error& error) override;
    std::size_t on_body_impl(beast_text piece, beast_error& error) override;
    void on_chunk_header_impl(std::uint64_t size, beast_text extensions, beast_error& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t left, beast_text piece, beast_error& error) override;
    void on_finish_impl(beast_error&) override {}

    void take_line(std::string_view name, std::string_view value);
    void take_unnamed(std::string_view name, std::string_view value);
    void take_expect(std::string_view value, beast_error& error);
    [[nodiscard]] bool folded(std::string_view name, std::string_view value) const;
    void fail(beast_error& error, int status, std::string_view detail);

    request_parser& owner_;
    request& request_;
    std::string_view input_;
    std::size_t header_bytes_ = 0;
    int hosts_ = 0;
    bool length_seen_ = false;
    bool in_trailer_ = false;
  };

  std::uint64_t body_bytes_max_;
  request request_;
  failure why_;
  std::optional<message> message_;
  bool in_part_ = false;  // the last call left a part of a line unread
};

}  // namespace ctxcache::http
