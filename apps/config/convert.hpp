#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/node.hpp"

namespace ctxcache::config {

/// Why a value cannot be taken, as the user will read it. Made by name only: a text that converted to it
/// would be ambiguous with a value that is a text.
class complaint {
 public:
  complaint() = default;
  [[nodiscard]] static complaint of(std::string text) { return complaint{std::move(text)}; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  explicit complaint(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

template <class T>
using parsed = boost::system::result<T, complaint>;

/// The least and the most a number, duration or size may be.
struct bounds {
  std::int64_t least = 1;
  std::int64_t most = 1'000'000'000;
};
inline constexpr bounds any_duration{1, std::int64_t{366} * 86'400'000};  ///< milliseconds

[[nodiscard]] parsed<bool> to_bool(const node& from);
[[nodiscard]] parsed<std::int64_t> to_count(const node& from, bounds allowed);
[[nodiscard]] parsed<std::int64_t> to_bytes(const node& from, bounds allowed);
/// From 0 to 1.
[[nodiscard]] parsed<double> to_fraction(const node& from);
/// Any number within the bounds.
[[nodiscard]] parsed<double> to_number(const node& from, bounds allowed);
[[nodiscard]] parsed<std::chrono::milliseconds> to_duration(const node& from, bounds allowed = any_duration);
[[nodiscard]] parsed<std::string> to_text(const node& from);
/// Not empty.
[[nodiscard]] parsed<std::string> to_some_text(const node& from);
[[nodiscard]] parsed<std::vector<std::string>> to_list(const node& from);
/// One of `names`, with a suggestion when it is none of them.
[[nodiscard]] parsed<std::string> to_choice(const node& from, const std::vector<std::string_view>& names);

}  // namespace ctxcache::config
