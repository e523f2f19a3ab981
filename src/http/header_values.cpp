#include "http/header_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <random>

namespace ctxcache::http {
namespace {

constexpr std::string_view blanks = " \t";

[[nodiscard]] std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

[[nodiscard]] char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

[[nodiscard]] bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The part before the first `separator`, trimmed; `rest` goes on behind it.
[[nodiscard]] std::string_view take_item(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto item = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return item;
}

[[nodiscard]] std::chrono::seconds parse_seconds(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    value = UINT32_MAX;
  else if (error != std::errc{} || end != text.data() + text.size())
    value = 0;
  return std::chrono::seconds{value};
}

}  // namespace

cache_directives parse_cache_control(std::string_view value) {
  cache_directives out;
  while (!value.empty()) {
    auto argument = take_item(value, ',');
    const auto name = take_item(argument, '=');
    if (same_word(name, "no-cache")) out.no_cache = true;
    if (same_word(name, "no-store")) out.no_store = true;
    if (same_word(name, "only-if-cached")) out.only_if_cached = true;
    if (same_word(name, "max-age")) out.max_age = parse_seconds(trimmed(argument));
  }
  return out;
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  // Our tags hold neither commas nor quotes, so a tag that a comma takes apart is none of ours.
  while (!if_none_match.empty()) {
    auto item = take_item(if_none_match, ',');
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag) return true;
  }
  return false;
}

bool accepts_as_json(std::string_view content_type) {
  if (content_type.empty()) return true;
  return same_word(take_item(content_type, ';'), "application/json");
}

std::vector<header_line> split_lines(std::string_view lines) {
  std::vector<header_line> out;
  while (!lines.empty()) {
    const auto end = lines.find("\r\n");
    const auto colon = lines.find(": ");
    out.push_back({lines.substr(0, colon), lines.substr(colon + 2, end - colon - 2)});
    lines.remove_prefix(end + 2);
  }
  return out;
}

std::string value_in(std::string_view lines, std::string_view name) {
  std::string out;
  for (const auto& one : split_lines(lines)) {
    if (!same_word(one.name, name)) continue;
    if (!out.empty()) out += ", ";
    out += one.value;
  }
  return out;
}

bool is_sane_request_id(std::string_view text) {
  constexpr std::size_t bytes_max = 128;
  const auto allowed = [](char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           std::string_view{"-._~:+/=@"}.find(byte) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, allowed);
}

std::string make_request_id() {
  static const std::uint64_t start = std::random_device{}() | std::uint64_t{std::random_device{}()} << 32;
  static std::atomic<std::uint64_t> next{0};
  // The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection, so ids differ in all bits but 4.
  auto mixed = start + next.fetch_add(1, std::memory_order_relaxed) * 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  mixed ^= mixed >> 31;
  std::string text(15, '0');
  fmt::format_to(text.begin(), "{:015x}", mixed >> 4);
  return text;
}

}  // namespace ctxcache::http
