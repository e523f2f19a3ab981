#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/convert.hpp"
#include "config/node.hpp"

namespace ctxcache::config {

/// Reads one table by names. A name that nobody asks for is unknown.
class table_reader {
 public:
  /// `of` holds a table. Both arguments outlive the reader.
  table_reader(const member& of, std::vector<problem>& errors) : of_(of), errors_(errors) {}

  /// The member of this name, or null.
  [[nodiscard]] const member* find(std::string_view name);
  /// Where the value came from: its place, or "default".
  [[nodiscard]] std::string origin_of(std::string_view name);

  /// The converted value; nullopt when it is absent, or wrong, which is reported.
  template <class Convert>
  [[nodiscard]] auto read(std::string_view name, Convert convert)
      -> std::optional<typename decltype(convert(std::declval<const node&>()))::value_type> {
    const auto* found = find(name);
    if (found == nullptr) return std::nullopt;
    auto value = convert(found->value);
    if (value) return std::move(*value);
    errors_.push_back({found->value.at, std::string{name} + ": " + value.error().text()});
    return std::nullopt;
  }

  /// Reports a mistake at the value of `name`, or at the table when that is absent.
  void complain(std::string_view name, const std::string& message);
  /// Reports the names that nobody asked for.
  void finish();

 private:
  const member& of_;
  std::vector<problem>& errors_;
  std::vector<std::string_view> asked_;
};

/// Whether it may name a provider or section; else what is wrong with it.
[[nodiscard]] std::optional<complaint> check_name(std::string_view name);

}  // namespace ctxcache::config
