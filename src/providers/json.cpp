#include "providers/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>

namespace ctxcache::providers {
namespace {

std::string minified(std::string_view text) {
  // simdjson writes in blocks, so its last one may reach past the end.
  std::string out(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t bytes = 0;
  const auto failed = simdjson::minify(text.data(), text.size(), out.data(), bytes);
  out.resize(failed ? 0 : bytes);
  return out;
}

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (byte == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(byte) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      out += byte;
    }
  }
  out += '"';
  return out;
}

result<std::string> checked_json(std::string_view text) {
  simdjson::dom::parser parser;
  if (parser.parse(text.data(), text.size()).error()) return errc::provider_failed;
  return minified(text);
}

result<std::string> trusted_json(std::string_view text) {
  auto out = minified(text);
  if (out.empty() || !simdjson::validate_utf8(text.data(), text.size())) return errc::provider_failed;
  return out;
}

}  // namespace ctxcache::providers
