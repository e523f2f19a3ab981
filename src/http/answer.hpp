#pragma once

#include <boost/static_string/static_string.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "ctxcache/entry.hpp"

namespace ctxcache::http {

/// Header lines of one answer, without memory of their own.
class header_lines {
 public:
  /// Name and value are free of line ends.
  void add(std::string_view name, std::string_view value) {
    text_.append(name.data(), name.size());
    text_.append(": ", 2);
    text_.append(value.data(), value.size());
    text_.append("\r\n", 2);
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  // A handful of short lines, all of our own making: over it is a defect, and throws.
  boost::static_strings::static_string<512> text_;
};

/// What a handler answers. Making one for an entry allocates nothing.
struct answer {
  int status = 200;
  std::string_view content_type = "application/json";  ///< of a literal
  std::string text{};                                  ///< the body, unless there is a value
  entry_ptr value{};                                   ///< its bytes are the body
  std::string_view origin{};                           ///< where a context came from, for the log line
  header_lines lines{};

  [[nodiscard]] std::string_view body() const {
    return value ? std::string_view{value->body} : std::string_view{text};
  }
  void add(std::string_view name, std::string_view line) { lines.add(name, line); }
};

/// "OK" for 200, and so on for every status that we answer.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace ctxcache::http
