#include "config/node.hpp"

namespace ctxcache::config {

std::string_view type_name(const node& one) {
  static constexpr std::string_view names[] = {
      "a date or time", "true or false", "a whole number", "a number with a fraction",
      "a string",       "an array",      "a table"};
  return names[one.value.index()];
}

}  // namespace ctxcache::config
