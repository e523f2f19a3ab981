#include "http/outbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ctxcache::http {
namespace {

void add_line(std::string& to, std::string_view name, std::string_view value) {
  to.append(name).append(": ").append(value).append("\r\n");
}

// RFC 9110, 8.6: neither a 204 nor a 304 has content, nor do we say how long it would be.
[[nodiscard]] bool has_content(int status) {
  return status != 204 && status != 304;
}

}  // namespace

void outbox::push(answer what, const envelope& in) {
  const auto begin = arena_.size();
  const fmt::format_int status{what.status};
  arena_.append("HTTP/1.1 ").append(status.data(), status.size()).append(" ");
  arena_.append(reason_phrase(what.status)).append("\r\n");
  add_line(arena_, "Date", in.date);
  if (has_content(what.status)) {
    const fmt::format_int length{what.body().size()};
    add_line(arena_, "Content-Type", what.content_type);
    add_line(arena_, "Content-Length", {length.data(), length.size()});
  }
  arena_.append(what.lines.text());
  if (!in.request_id.empty()) add_line(arena_, "X-Request-Id", in.request_id);
  if (in.close)
    add_line(arena_, "Connection", "close");
  else if (in.keep_alive)
    add_line(arena_, "Connection", "keep-alive");
  arena_.append("\r\n");

  auto& last = pieces_.emplace_back();
  last.arena_end = arena_.size();
  last.with_body = has_content(what.status) && !in.head;
  last.value = std::move(what.value);
  last.text = std::move(what.text);
  pending_bytes_ += arena_.size() - begin + last.body().size();
}

void outbox::push_raw(std::string_view bytes) {
  arena_.append(bytes);
  pieces_.push_back({.arena_end = arena_.size(), .value = {}, .text = {}});
  pending_bytes_ += bytes.size();
}

std::span<const boost::asio::const_buffer> outbox::buffers() {
  buffers_.clear();
  auto skipped = written_bytes_;
  const auto add = [&](std::string_view bytes) {
    const auto gone = std::min(skipped, bytes.size());
    skipped -= gone;
    bytes.remove_prefix(gone);
    if (!bytes.empty()) buffers_.emplace_back(bytes.data(), bytes.size());
  };
  std::size_t begin = 0;
  for (const auto& one : pieces_) {
    add(std::string_view{arena_}.substr(begin, one.arena_end - begin));
    add(one.body());
    begin = one.arena_end;
  }
  return buffers_;
}

void outbox::consume(std::size_t bytes) {
  written_bytes_ += bytes;
  pending_bytes_ -= bytes;
  if (pending_bytes_ != 0) return;
  written_bytes_ = 0;
  pieces_.clear();
  arena_.clear();
  if (arena_.capacity() > arena_bytes_kept) arena_ = std::string{};
}

}  // namespace ctxcache::http
