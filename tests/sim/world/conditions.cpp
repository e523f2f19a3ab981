#include "world/conditions.hpp"

#include <array>

namespace ctxcache::sim {

using std::chrono::milliseconds;

conditions some_conditions(dice& chance, const std::string& folder) {
  std::array graces{milliseconds{0}, milliseconds{200}, milliseconds{600}};
  std::array spans{milliseconds{0}, milliseconds{600}, milliseconds{1'200}};
  std::array lives{milliseconds{700}, milliseconds{2'000}, milliseconds{4'000}};
  std::array logs{std::size_t{8}, std::size_t{50}, std::size_t{100'000}, std::size_t{100'000}};
  std::array slots{std::size_t{64}, std::size_t{1'024}};
  std::array loads{std::size_t{2}, std::size_t{4}, std::size_t{1'024}, std::size_t{1'024}};
  conditions today;
  today.cache = {.l1_cache_ttl = milliseconds{1'500},
                 .l2_cache_ttl = chance.one_of(lives),
                 .l2_budget = milliseconds{50},
                 .load_timeout = milliseconds{300},
                 .stale_grace = milliseconds{chance.percent(30) ? 1'000 : 0},
                 .max_concurrent_loads = chance.one_of(loads),
                 .inspect = chance.percent(10) ? 1.0 : 0.0,
                 .agent_types = {"support", "billing"}};
  today.fleet.constants = {.licence = milliseconds{200},
                           .grace = chance.one_of(graces),
                           .own_loads = chance.one_of(spans),
                           .load_deadline = milliseconds{300}};
  today.fleet.table_slots = chance.one_of(slots);
  today.fleet.strict = chance.percent(10);
  today.fleet.journal_max_bytes = chance.percent(20) ? 120 : 100'000;
  today.replica = chance.percent(50);
  today.fleet.replicas = today.replica && chance.percent(75) ? 1 : 0;
  today.customers = 2 + chance.below(3);
  today.log_max_messages = chance.one_of(logs);
  if (chance.percent(75)) today.folder = folder;
  if (chance.percent(25)) today.settle = milliseconds{10 + chance.below(190)};
  return today;
}

}  // namespace ctxcache::sim
