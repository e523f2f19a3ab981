#include "http/request_parser.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <functional>

namespace ctxcache::http {

namespace beast = boost::beast;

namespace {

[[nodiscard]] std::string_view plain(beast::string_view text) {
  return {text.data(), text.size()};
}

[[nodiscard]] method method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return method::get;
    case beast::http::verb::head:
      return method::head;
    case beast::http::verb::put:
      return method::put;
    case beast::http::verb::post:
      return method::post;
    case beast::http::verb::delete_:
      return method::delete_;
    case beast::http::verb::options:
      return method::options;
    default:
      return method::other;
  }
}

void append_line(std::string& to, std::string_view value) {
  if (!to.empty()) to += ", ";
  to += value;
}

[[nodiscard]] request_parser::failure failure_of(const beast::error_code& error) {
  using code = beast::http::error;
  if (error == code::body_limit) return {413, "the body is larger than max_body_bytes"};
  if (error == code::header_limit) return {431, "the header is larger than 16 KiB"};
  if (error == code::bad_version) return {400, "the HTTP version is neither 1.0 nor 1.1"};
  if (error == code::multiple_content_length || error == code::bad_content_length)
    return {400, "Content-Length is not one number, or stands beside Transfer-Encoding"};
  if (error == code::bad_transfer_encoding)
    return {400, "Transfer-Encoding is given twice or beside Content-Length"};
  if (error == code::bad_chunk || error == code::bad_chunk_extension)
    return {400, "the chunked body is malformed"};
  return {400, "the request is not valid HTTP/1.1"};
}

}  // namespace

void request_parser::next() {
  message_.reset();
  request_.clear();
}

request_parser::progress request_parser::feed(std::string_view bytes) {
  progress done;
  if (!started()) {
    // RFC 9112, 2.2: empty lines before a request are passed over.
    while (bytes.substr(done.consumed).starts_with("\r\n")) done.consumed += 2;
    bytes.remove_prefix(done.consumed);
    if (bytes.empty() || bytes == "\r") return done;
    message_.emplace(*this);
  }
  if (bytes.empty()) return done;
  // Beast asserts that a last chunk it has begun to read is there with at least 5 bytes ("0\r\n\r\n") when it
  // goes on. No valid body has fewer left, so waiting for them costs nothing.
  if (in_part_ && header_done() && bytes.size() < 5) return done;
  message_->set_input(bytes);
  beast_error error;
  const auto taken = message_->put(boost::asio::const_buffer{bytes.data(), bytes.size()}, error);
  done.consumed += taken;
  const bool waits = !error || error == beast::http::error::need_more;
  if (waits) error = {};
  // What waits unparsed is a part of a line: of the header, a chunk's size or a trailer.
  const auto part = bytes.size() - taken + (header_done() ? 0 : message_->header_bytes());
  in_part_ = part > 0;
  if (waits && !message_->is_done() && part >= header_bytes_max) error = beast::http::error::header_limit;
  if (error) {
    if (error != beast::http::error::bad_field || why_.detail.empty()) why_ = failure_of(error);
    done.now = state::failed;
  } else if (message_->is_done()) {
    done.now = state::complete;
  }
  return done;
}

request_parser::message::message(request_parser& owner) : owner_(owner), request_(owner.request_) {
  eager(true);
  header_limit(header_bytes_max);
  body_limit(owner.body_bytes_max_);
  owner.why_ = {};
}

void request_parser::message::fail(beast_error& error, int status, std::string_view detail) {
  owner_.why_ = {status, detail};
  error = beast::http::error::bad_field;
}

void request_parser::message::on_request_impl(beast::http::verb verb, beast_text name, beast_text target,
                                              int version, beast_error&) {
  request_.verb = method_of(verb);
  request_.http_11 = version == 11;
  request_.target.assign(target.data(), target.size());
  header_bytes_ = name.size() + target.size() + sizeof("  HTTP/1.1\r\n") - 1;
}

// Beast gives the value of a folded line from a buffer of its own, or leaves the fold in front of it.
bool request_parser::message::folded(std::string_view name, std::string_view value) const {
  const auto* colon = name.data() + name.size();
  const std::less<const char*> before;
  if (before(value.data(), colon) || before(input_.data() + input_.size(), value.data())) return true;
  const std::string_view between{colon, static_cast<std::size_t>(value.data() - colon)};
  return between.find('\n') != std::string_view::npos;
}

void request_parser::message::on_field_impl(beast::http::field known, beast_text raw_name,
                                            beast_text raw_value, beast_error& error) {
  using beast::http::field;
  const auto name = plain(raw_name);
  const auto value = plain(raw_value);
  if (folded(name, value)) return fail(error, 400, "a header line is folded");
  header_bytes_ += name.size() + value.size() + sizeof(": \r\n") - 1;
  if (header_bytes_ > header_bytes_max) return fail(error, 431, "the header is larger than 16 KiB");
  if (in_trailer_) return;  // nothing that stands behind a body is used
  if (request_.verb == method::post) take_line(name, value);
  switch (known) {
    case field::host:
      ++hosts_;
      break;
    case field::content_length:
      if (length_seen_ || value.find(',') != std::string_view::npos)
        return fail(error, 400, "Content-Length is given twice");
      length_seen_ = true;
      break;
    case field::transfer_encoding:
      if (!request_.http_11 || !beast::iequals(raw_value, "chunked"))
        return fail(error, 400, "only the transfer coding chunked is understood, and only in HTTP/1.1");
      break;
    case field::if_none_match:
      append_line(request_.if_none_match, value);
      break;
    case field::cache_control:
      append_line(request_.cache_control, value);
      break;
    case field::content_type:
      request_.content_type = value;
      break;
    case field::expect:
      take_expect(value, error);
      break;
    case field::unknown:
      take_unnamed(name, value);
      break;
    default:
      break;
  }
}

void request_parser::message::take_line(std::string_view name, std::string_view value) {
  for (const auto part : {name, std::string_view{": "}, value, std::string_view{"\r\n"}})
    request_.lines.append(part);
}

void request_parser::message::take_unnamed(std::string_view name, std::string_view value) {
  const beast_text known{name.data(), name.size()};
  if (beast::iequals(known, "X-Request-Id")) request_.request_id = value;
  if (beast::iequals(known, "Ctx-Min-Position")) request_.min_position = value;
  if (beast::iequals(known, "Ctx-Consistency")) request_.consistency = value;
}

void request_parser::message::take_expect(std::string_view value, beast_error& error) {
  if (!beast::iequals({value.data(), value.size()}, "100-continue"))
    return fail(error, 417, "only the expectation 100-continue is understood");
  request_.expects_continue = request_.http_11;
}

void request_parser::message::on_header_impl(beast_error& error) {
  in_trailer_ = true;
  request_.keep_alive = keep_alive();
  if (hosts_ > 1 || (request_.http_11 && hosts_ == 0))
    fail(error, 400, "a request has exactly one Host line");
}

void request_parser::message::on_body_init_impl(const boost::optional<std::uint64_t>& length, beast_error&) {
  // What a caller merely announces is not reserved: the body grows as it arrives.
  if (length) request_.body.reserve(std::min<std::size_t>(*length, body_bytes_kept));
}

std::size_t request_parser::message::on_body_impl(beast_text piece, beast_error&) {
  request_.body.append(piece.data(), piece.size());
  return piece.size();
}

void request_parser::message::on_chunk_header_impl(std::uint64_t, beast_text extensions, beast_error& error) {
  // Beast passes quoted strings over whatever is in them, bare line feeds too.
  const auto control = [](char byte) { return static_cast<unsigned char>(byte) < 0x20 && byte != '\t'; };
  if (std::ranges::any_of(plain(extensions), control)) fail(error, 400, "the chunked body is malformed");
}

std::size_t request_parser::message::on_chunk_body_impl(std::uint64_t, beast_text piece, beast_error&) {
  request_.body.append(piece.data(), piece.size());
  return piece.size();
}

}  // namespace ctxcache::http
