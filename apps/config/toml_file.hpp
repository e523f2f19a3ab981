#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "config/node.hpp"

namespace ctxcache::config {

/// A configuration file may not be larger.
inline constexpr std::size_t file_bytes_max = std::size_t{1} << 20;

/// Reads TOML; `source` is what places in it are called. The first mistake of syntax ends it.
[[nodiscard]] std::variant<table, problem> parse_toml(std::string_view text, const std::string& source);

/// The same for a file, which may be unreadable.
[[nodiscard]] std::variant<table, problem> read_toml(const std::string& path);

}  // namespace ctxcache::config
