#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/place.hpp"

namespace ctxcache::config {

struct node;
struct member;
using array = std::vector<node>;
/// Members in the order of the file.
using table = std::vector<member>;

/// A configured value before anybody has looked at its meaning, with its place.
struct node {
  /// monostate: a date or a time, which no setting takes.
  std::variant<std::monostate, bool, std::int64_t, double, std::string, array, table> value;
  place at;
};

struct member {
  std::string name;
  place at;  ///< of the name
  node value;
};

/// "a string", "a whole number", …
[[nodiscard]] std::string_view type_name(const node& one);

}  // namespace ctxcache::config
