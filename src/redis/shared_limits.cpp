#include "redis/shared_limits.hpp"

#include <algorithm>

namespace ctxcache {
namespace {

// Longer ones would overflow time points.
constexpr std::chrono::hours life_max{24 * 365 * 10};

error_code valid_if(bool valid) {
  return valid ? error_code{} : error_code{errc::invalid_request};
}

}  // namespace

error_code name_fault(std::string_view name) {
  return valid_if(!name.empty() && name.size() <= shared_name_bytes_max);
}

error_code value_fault(std::string_view value) {
  return value.size() <= shared_value_bytes_max ? error_code{} : error_code{errc::too_large};
}

error_code life_fault(std::chrono::milliseconds life) {
  return valid_if(life > std::chrono::milliseconds::zero() && life <= life_max);
}

error_code lease_fault(const lease& one) {
  if (const auto fault = name_fault(one.name)) return fault;
  return name_fault(one.holder);
}

error_code fact_fault(const shared_store::fact& what, const std::optional<lease>& under) {
  if (const auto fault = name_fault(what.name)) return fault;
  if (const auto fault = life_fault(what.life)) return fault;
  if (const auto fault = under ? lease_fault(*under) : error_code{}) return fault;
  return value_fault(what.value);
}

error_code list_fault(std::string_view name, std::size_t most) {
  if (const auto fault = name_fault(name)) return fault;
  return valid_if(most > 0 && most <= shared_list_values_max);
}

error_code places_fault(const std::vector<std::uint32_t>& places) {
  return valid_if(std::ranges::all_of(places, [](auto one) { return one < shared_places_max; }));
}

}  // namespace ctxcache
