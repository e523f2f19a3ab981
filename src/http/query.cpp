#include "http/query.hpp"

#include <algorithm>
#include <charconv>

#include "base/try.hpp"

namespace ctxcache::http {
namespace {

// As forms are encoded: `+` is a blank.
[[nodiscard]] std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    unsigned char byte = 0;
    const auto* const digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
      return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

[[nodiscard]] std::string listed(std::initializer_list<std::string_view> names) {
  std::string out;
  for (const auto one : names) out += (out.empty() ? "" : ", ") + std::string{one};
  return out;
}

}  // namespace

problem query_fault(std::string detail) {
  return {400, "invalid_request", std::move(detail)};
}

parsed<query> query::read(std::string_view text, std::initializer_list<std::string_view> known) {
  query out;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto one = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (one.empty()) continue;
    const auto equals = std::min(one.find('='), one.size());
    auto name = decoded(one.substr(0, equals));
    auto value = decoded(one.substr(std::min(equals + 1, one.size())));
    if (!name || !value) return query_fault("an escape in the query is not % and two digits");
    if (std::ranges::find(known, *name) == known.end())
      return query_fault("the query has an unknown parameter; known are " + listed(known));
    if (out.find(*name)) return query_fault(*name + " is given twice");
    out.parameters_.emplace_back(*std::move(name), *std::move(value));
  }
  return out;
}

std::optional<std::string_view> query::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first);
  if (found == parameters_.end()) return std::nullopt;
  return found->second;
}

parsed<std::optional<std::uint64_t>> query::number(std::string_view name, std::uint64_t least,
                                                   std::uint64_t most) const {
  const auto text = find(name);
  if (!text) return std::optional<std::uint64_t>{};
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = failed == std::errc{} && end == text->data() + text->size();
  if (!whole || value < least || value > most) {
    return query_fault(std::string{name} + " is a whole number from " + std::to_string(least) + " to " +
                       std::to_string(most));
  }
  return std::optional{value};
}

}  // namespace ctxcache::http
