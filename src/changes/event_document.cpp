#include "changes/event_document.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/try.hpp"
#include "changes/encoding.hpp"

namespace ctxcache::changes {

namespace json = boost::json;

namespace {

constexpr std::size_t data_depth_max = document_depth_max - 1;  // the event itself is one

using text_result = boost::system::result<std::string, refusal>;

[[nodiscard]] refusal malformed(std::string why) {
  return {refusal::kind::malformed, std::move(why)};
}

[[nodiscard]] text_result required(const json::object& event, std::string_view attribute) {
  const auto* value = event.if_contains({attribute.data(), attribute.size()});
  if (value == nullptr || !value->is_string() || value->get_string().empty())
    return malformed("a CloudEvent needs the attribute " + std::string{attribute} +
                     ", a string that is not empty");
  const auto& text = value->get_string();
  return {boost::system::in_place_value, text.data(), text.size()};
}

// Rules see into data that is JSON. The sentence says what is wrong; empty: nothing.
[[nodiscard]] std::string unpack_data(json::object& event) {
  const auto* packed = event.if_contains("data_base64");
  if (packed == nullptr) return {};
  if (event.contains("data")) return "a CloudEvent has either data or data_base64";
  const auto* text = packed->if_string();
  const auto bytes = text == nullptr ? std::nullopt : from_base64({text->data(), text->size()});
  if (!bytes) return "data_base64 is not base64";
  auto data = parse_document(*bytes, data_depth_max);
  if (!data) return {};
  event.erase("data_base64");
  event["data"] = *std::move(data);
  return {};
}

constexpr std::string_view header_prefix = "ce-";

[[nodiscard]] bool is_attribute_name(std::string_view name) {
  return !name.empty() && name != "data" && std::ranges::all_of(name, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
  });
}

[[nodiscard]] std::string_view attribute_of(std::string_view lower_name) {
  if (!lower_name.starts_with(header_prefix)) return {};
  const auto attribute = lower_name.substr(header_prefix.size());
  return is_attribute_name(attribute) ? attribute : std::string_view{};
}

// Quoted strings are of older senders (HTTP Protocol Binding 1.0.2, section 3.1.3.2).
[[nodiscard]] std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string{value};
  std::string out;
  const auto inside = value.substr(1, value.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && i + 1 < inside.size()) ++i;
    out += inside[i];
  }
  return out;
}

[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->empty()) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

[[nodiscard]] bool is_json(std::string_view content_type) {
  const auto type = media_type(content_type);
  return type.empty() || type == "application/json" || type.ends_with("+json");
}

}  // namespace

std::string media_type(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';'))));
}

std::optional<json::value> parse_document(std::string_view text, std::size_t depth_most) {
  json::parse_options limits;
  limits.max_depth = depth_most;
  boost::system::error_code error;
  auto value = json::parse({text.data(), text.size()}, error, {}, limits);
  if (error) return std::nullopt;
  return value;
}

read_event from_cloud_event(json::object event) {
  CTX_TRY(const auto version, required(event, "specversion"));
  if (version != "1.0") return malformed("the specversion is not 1.0");
  change made;
  CTX_TRY(made.id, required(event, "id"));
  CTX_TRY(made.source, required(event, "source"));
  CTX_TRY(made.type, required(event, "type"));
  if (auto wrong = unpack_data(event); !wrong.empty()) return malformed(std::move(wrong));
  made.document = json::serialize(event);
  return made;
}

bool is_binary(const event_request& from) {
  constexpr std::array<std::string_view, 4> required_ones{"specversion", "id", "source", "type"};
  return std::ranges::any_of(from.headers, [&](const header_field& one) {
    const auto name = lower(one.name);
    return std::ranges::find(required_ones, attribute_of(name)) != required_ones.end();
  });
}

read_event from_binary(const event_request& from) {
  json::object event;
  for (const auto& [name, value] : from.headers) {
    const auto lower_name = lower(name);
    const auto attribute = attribute_of(lower_name);
    if (attribute.empty()) continue;
    const auto text = percent_decoded(unquoted(trimmed(value)));
    if (!text) return malformed("a ce- header is not percent-encoded as it should be");
    event[json::string_view{attribute.data(), attribute.size()}] = json::string_view{*text};
  }
  if (!from.content_type.empty())
    event["datacontenttype"] = json::string_view{from.content_type.data(), from.content_type.size()};
  if (!from.body.empty() && is_json(from.content_type)) {
    auto data = parse_document(from.body, data_depth_max);
    if (!data) return malformed("the event's data are not JSON, as the content type says");
    event["data"] = *std::move(data);
  }
  auto made = from_cloud_event(std::move(event));
  // Only what came in headers may be anything but UTF-8.
  if (made && !parse_document(made->document)) return malformed("a ce- header is not UTF-8");
  return made;
}

}  // namespace ctxcache::changes
