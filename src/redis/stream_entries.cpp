#include "redis/stream_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <utility>

namespace ctxcache::redis {

namespace json = boost::json;

namespace {

using fields = std::vector<std::string>;

constexpr std::size_t event_bytes_max = std::size_t{1} << 20;
constexpr std::size_t event_depth_max = 64;
constexpr std::size_t shown_bytes_max = 1'024;  // of a name or value
constexpr std::size_t shown_fields_max = 32;

const std::string* find(const fields& all, std::string_view name) {
  for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
    if (all[i] == name) return &all[i + 1];
  }
  return nullptr;
}

std::optional<json::value> parse(std::string_view text) {
  json::parse_options most;
  most.max_depth = event_depth_max;
  error_code failed;
  auto value = json::parse(text, failed, {}, most);
  return failed ? std::nullopt : std::optional{std::move(value)};
}

std::optional<json::object> parse_object(std::string_view text) {
  auto value = parse(text);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

// Boost.JSON writes any bytes into a string, and reads none but UTF-8.
bool is_utf8(std::string_view text) {
  return parse(json::serialize(json::string{text})).has_value();
}

/// The text's beginning as JSON can hold it: of what is not UTF-8, the bytes beyond ASCII as "\xff".
json::string shown(std::string_view text) {
  auto end = std::min(text.size(), shown_bytes_max);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text = text.substr(0, end);
  if (is_utf8(text)) return json::string{text};
  std::string escaped;
  for (const char one : text) {
    const auto byte = static_cast<unsigned char>(one);
    escaped += byte < 0x80 ? std::string{one} : fmt::format("\\x{:02x}", byte);
  }
  return json::string{escaped};
}

std::string text_of(const json::object& event, std::string_view name) {
  const auto* const value = event.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

json::object object_of(const fields& all) {
  json::object event;
  for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
    const auto structured = all[i] == "data" ? parse_object(all[i + 1]) : std::nullopt;
    event.emplace(all[i], structured ? json::value(*structured) : json::value(all[i + 1]));
  }
  return event;
}

std::string source_of(std::string_view stream) {
  return "redis:" + std::string{stream};
}

change unreadable_change(std::string_view stream, const stream_entry& entry, std::string_view why) {
  json::array there;
  const std::size_t count = entry.fields ? entry.fields->size() / 2 : 0;
  for (std::size_t i = 0; i < std::min(count, shown_fields_max); ++i) {
    there.push_back(json::array{shown((*entry.fields)[2 * i]), shown((*entry.fields)[2 * i + 1])});
  }
  const json::object document{{"unreadable", json::string{why}},
                              {"stream", shown(stream)},
                              {"entry", json::string{entry.id}},
                              {"fields", std::move(there)}};
  return {.type = {}, .source = source_of(stream), .id = entry.id, .document = json::serialize(document)};
}

}  // namespace

std::optional<std::vector<stream_entry>> read_entries(const reply& answer) {
  using kind = reply::kind;
  std::vector<stream_entry> found;
  if (answer.is == kind::nil) return found;
  if (answer.is != kind::array || answer.elements.size() != 1) return std::nullopt;
  const auto& stream = answer.elements[0];
  if (stream.is != kind::array || stream.elements.size() != 2) return std::nullopt;
  for (const auto& one : stream.elements[1].elements) {
    if (one.is != kind::array || one.elements.size() != 2) return std::nullopt;
    auto& entry = found.emplace_back(stream_entry{.id = one.elements[0].text});
    if (one.elements[1].is != kind::array) continue;
    entry.fields.emplace();
    for (const auto& text : one.elements[1].elements) entry.fields->push_back(text.text);
  }
  return found;
}

change change_of(std::string_view stream, const stream_entry& entry) {
  const auto refuse = [&](std::string_view why) { return unreadable_change(stream, entry, why); };
  if (entry.too_large) return refuse("it is larger than an answer of Redis may be");
  if (!entry.fields) return refuse("it was deleted or trimmed before it was read");
  std::size_t bytes = 0;
  for (const auto& one : *entry.fields) bytes += one.size();
  if (bytes > event_bytes_max) return refuse("it is larger than 1 MiB");

  const auto* whole = find(*entry.fields, "event");
  if (whole == nullptr && entry.fields->size() == 2) whole = find(*entry.fields, "data");
  auto document = whole != nullptr ? *whole : json::serialize(object_of(*entry.fields));
  const auto event = parse_object(document);
  if (!event) return refuse(whole != nullptr ? "its event is not a JSON object" : "it is not UTF-8");
  auto type = text_of(*event, "type");
  if (type.empty()) return refuse("it says no type");
  auto source = text_of(*event, "source");
  return {.type = std::move(type),
          .source = source.empty() ? source_of(stream) : std::move(source),
          .id = text_of(*event, "id"),
          .document = std::move(document)};
}

}  // namespace ctxcache::redis
