#include "config/units.hpp"

#include <array>
#include <charconv>
#include <span>

namespace ctxcache::config {
namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};

// Largest first, as formatting needs them.
constexpr std::array<unit, 5> durations{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<unit, 4> binary_sizes{
    {{"GiB", std::int64_t{1} << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}};
constexpr std::array<unit, 3> decimal_sizes{{{"GB", 1'000'000'000}, {"MB", 1'000'000}, {"KB", 1'000}}};

struct measure {
  std::int64_t number;
  std::string_view unit_name;
};

std::optional<measure> split(std::string_view text) {
  measure found{0, {}};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found.number);
  if (error != std::errc{}) return std::nullopt;
  found.unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
  return found;
}

std::optional<std::int64_t> in(std::span<const unit> units, const measure& read) {
  for (const auto& one : units) {
    if (one.name != read.unit_name) continue;
    std::int64_t product = 0;
    if (__builtin_mul_overflow(read.number, one.factor, &product)) return std::nullopt;
    return product;
  }
  return std::nullopt;
}

std::string format(std::span<const unit> units, std::int64_t value, std::string_view zero) {
  if (value == 0) return std::string{zero};
  for (const auto& one : units) {
    if (value % one.factor == 0) return std::to_string(value / one.factor) + std::string{one.name};
  }
  return std::to_string(value);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto read = split(text);
  if (!read) return std::nullopt;
  if (read->unit_name.empty()) read->unit_name = "s";
  const auto found = in(durations, *read);
  return found ? std::optional{std::chrono::milliseconds{*found}} : std::nullopt;
}

std::string format_duration(std::chrono::milliseconds length) {
  return format(durations, length.count(), "0s");
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  auto read = split(text);
  if (!read) return std::nullopt;
  if (read->unit_name.empty()) read->unit_name = "B";
  const auto binary = in(binary_sizes, *read);
  return binary ? binary : in(decimal_sizes, *read);
}

std::string format_bytes(std::int64_t bytes) {
  return format(binary_sizes, bytes, "0");
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  const auto read = split(text);
  return read && read->unit_name.empty() ? std::optional{read->number} : std::nullopt;
}

std::optional<double> parse_fraction(std::string_view text) {
  double value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc{} && end == last ? std::optional{value} : std::nullopt;
}

std::string format_fraction(double value) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::string{text.data(), end} : std::string{};
}

}  // namespace ctxcache::config
