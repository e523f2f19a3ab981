#include "config/convert.hpp"

#include <algorithm>
#include <optional>

#include "config/suggest.hpp"
#include "config/units.hpp"

namespace ctxcache::config {
namespace {

std::string written(const node& from) {
  if (const auto* text = std::get_if<std::string>(&from.value)) return "\"" + *text + "\"";
  if (const auto* whole = std::get_if<std::int64_t>(&from.value)) return std::to_string(*whole);
  return std::string{type_name(from)};
}

complaint expected(std::string_view what, const node& from) {
  return complaint::of("expected " + std::string{what} + ", got " + written(from));
}

using formatter = std::string (*)(std::int64_t);

parsed<std::int64_t> within(std::int64_t value, bounds allowed, formatter show) {
  if (value < allowed.least) return complaint::of("must be at least " + show(allowed.least));
  if (value > allowed.most) return complaint::of("must be at most " + show(allowed.most));
  return value;
}

std::string show_count(std::int64_t value) {
  return std::to_string(value);
}

std::optional<double> number_of(const node& from) {
  if (const auto* real = std::get_if<double>(&from.value)) return *real;
  const auto* whole = std::get_if<std::int64_t>(&from.value);
  return whole == nullptr ? std::nullopt : std::optional{static_cast<double>(*whole)};
}

std::string show_duration(std::int64_t value) {
  return format_duration(std::chrono::milliseconds{value});
}

}  // namespace

parsed<bool> to_bool(const node& from) {
  if (const auto* truth = std::get_if<bool>(&from.value)) return *truth;
  return expected("true or false", from);
}

parsed<std::int64_t> to_count(const node& from, bounds allowed) {
  const auto* whole = std::get_if<std::int64_t>(&from.value);
  if (whole == nullptr) return expected("a whole number", from);
  return within(*whole, allowed, show_count);
}

parsed<double> to_fraction(const node& from) {
  const auto value = number_of(from);
  if (!value) return expected("a number from 0 to 1", from);
  if (*value >= 0 && *value <= 1) return *value;  // neither of which a NaN is
  return complaint::of("must be from 0 to 1");
}

parsed<double> to_number(const node& from, bounds allowed) {
  const auto value = number_of(from);
  if (!value) return expected("a number", from);
  const auto least = static_cast<double>(allowed.least);
  const auto most = static_cast<double>(allowed.most);
  if (*value >= least && *value <= most) return *value;
  return complaint::of("must be from " + show_count(allowed.least) + " to " + show_count(allowed.most));
}

parsed<std::int64_t> to_bytes(const node& from, bounds allowed) {
  const auto* whole = std::get_if<std::int64_t>(&from.value);
  const auto* text = std::get_if<std::string>(&from.value);
  const auto bytes = whole != nullptr  ? std::optional{*whole}
                     : text != nullptr ? parse_bytes(*text)
                                       : std::nullopt;
  if (!bytes) return expected("a size such as \"64MiB\" or \"1GB\", or a whole number of bytes", from);
  return within(*bytes, allowed, format_bytes);
}

parsed<std::chrono::milliseconds> to_duration(const node& from, bounds allowed) {
  const auto* whole = std::get_if<std::int64_t>(&from.value);
  const auto* text = std::get_if<std::string>(&from.value);
  const auto length = whole != nullptr  ? parse_duration(std::to_string(*whole))
                      : text != nullptr ? parse_duration(*text)
                                        : std::nullopt;
  if (!length) {
    return expected("a duration such as \"500ms\", \"30s\" or \"5m\", or a whole number of seconds", from);
  }
  const auto checked = within(length->count(), allowed, show_duration);
  if (!checked) return checked.error();
  return *length;
}

parsed<std::string> to_text(const node& from) {
  if (const auto* text = std::get_if<std::string>(&from.value)) return *text;
  return expected("a string", from);
}

parsed<std::string> to_some_text(const node& from) {
  const auto* text = std::get_if<std::string>(&from.value);
  if (text != nullptr && text->empty()) return complaint::of("must not be empty");
  return to_text(from);
}

parsed<std::vector<std::string>> to_list(const node& from) {
  const auto* list = std::get_if<array>(&from.value);
  if (list == nullptr) return expected("an array of strings", from);
  std::vector<std::string> made;
  for (const auto& one : *list) {
    const auto* text = std::get_if<std::string>(&one.value);
    if (text == nullptr) return expected("strings only", one);
    made.push_back(*text);
  }
  return made;
}

parsed<std::string> to_choice(const node& from, const std::vector<std::string_view>& names) {
  const auto* text = std::get_if<std::string>(&from.value);
  if (text != nullptr && std::find(names.begin(), names.end(), *text) != names.end()) return *text;
  std::string all;
  for (const auto& one : names) all += (all.empty() ? "\"" : ", \"") + std::string{one} + "\"";
  const auto wrong = expected("one of " + all, from);
  return text == nullptr ? wrong : complaint::of(wrong.text() + suggestion(*text, names));
}

}  // namespace ctxcache::config
