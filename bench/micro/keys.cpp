#include "micro/keys.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

namespace ctxcache::bench {

std::vector<key> make_keys(std::size_t count) {
  std::vector<key> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back(*key::make({.customer_id = "cust_" + std::to_string(i), .agent_type = "support"}));
  }
  return keys;
}

std::vector<std::uint32_t> zipf_draws(std::size_t keys, std::size_t draws, unsigned stream) {
  // Which key has which rank is shuffled, for neighbours in popularity were not made next to each other.
  std::vector<std::uint32_t> by_rank(keys);
  std::iota(by_rank.begin(), by_rank.end(), 0U);
  std::shuffle(by_rank.begin(), by_rank.end(), std::mt19937{1});

  std::vector<double> up_to(keys);  // cumulative weights
  double sum = 0;
  for (std::size_t rank = 0; rank < keys; ++rank) up_to[rank] = sum += 1.0 / static_cast<double>(rank + 1);

  std::mt19937 random{stream};
  std::uniform_real_distribution<double> uniform{0, sum};
  std::vector<std::uint32_t> drawn(draws);
  for (auto& each : drawn) {
    const auto rank = std::upper_bound(up_to.begin(), up_to.end(), uniform(random)) - up_to.begin();
    each = by_rank[std::min(static_cast<std::size_t>(rank), keys - 1)];
  }
  return drawn;
}

std::shared_ptr<entry> make_value() {
  auto made = std::make_shared<entry>();
  made->body = std::string(2'048, 'x');
  return made;
}

}  // namespace ctxcache::bench
