#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ctxcache/error.hpp"
#include "ctxcache/shared_store.hpp"

namespace ctxcache {

// What the implementations of shared_store agree on. The functions say what is wrong with an argument; no
// error when nothing is.

inline constexpr std::size_t shared_name_bytes_max = 256;
inline constexpr std::size_t shared_value_bytes_max = std::size_t{1} << 20;
/// One reply of Redis has to hold a list, and memory too.
inline constexpr std::size_t shared_list_bytes_max = std::size_t{16} << 20;
inline constexpr std::size_t shared_list_values_max = 10'000;
inline constexpr std::uint32_t shared_places_max = std::uint32_t{1} << 24;
/// Of a list that nothing is appended to any more.
inline constexpr std::chrono::milliseconds shared_list_life = std::chrono::hours{24 * 30};

[[nodiscard]] error_code name_fault(std::string_view name);
[[nodiscard]] error_code value_fault(std::string_view value);
[[nodiscard]] error_code life_fault(std::chrono::milliseconds life);
[[nodiscard]] error_code lease_fault(const lease& one);
[[nodiscard]] error_code fact_fault(const shared_store::fact& what, const std::optional<lease>& under);
/// Of a list and how many of its values are meant.
[[nodiscard]] error_code list_fault(std::string_view name, std::size_t most);
[[nodiscard]] error_code places_fault(const std::vector<std::uint32_t>& places);

}  // namespace ctxcache
