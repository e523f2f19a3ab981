#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/json_body.hpp"

namespace ctxcache::http {

/// The parameters of a query, `name=value&name=value`, decoded. Strict: a mistyped name is not passed over.
class query {
 public:
  /// A 400 for a name that is none of `known` or comes twice, and for a malformed escape.
  [[nodiscard]] static parsed<query> read(std::string_view text,
                                          std::initializer_list<std::string_view> known);

  /// Its value, which may be empty, when it is given.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// A whole number from `least` to `most`, when it is given; else a 400.
  [[nodiscard]] parsed<std::optional<std::uint64_t>> number(std::string_view name, std::uint64_t least,
                                                            std::uint64_t most) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// A 400 about the query.
[[nodiscard]] problem query_fault(std::string detail);

}  // namespace ctxcache::http
