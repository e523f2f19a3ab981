#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ctxcache/entry.hpp"
#include "ctxcache/key.hpp"
#include "l1/lru.hpp"

namespace ctxcache::test {

inline key key_of(std::string_view customer, std::string_view agent_type = "support",
                  std::optional<std::string_view> conversation = std::nullopt) {
  return *key::make({customer, agent_type, conversation});
}

inline entry_ptr value_of(std::string body) {
  auto made = std::make_shared<entry>();
  made->body = std::move(body);
  return made;
}

/// What an entry with this body under this key is charged.
inline std::size_t charge_of(const key& where, const entry_ptr& value) {
  return value->charge() + l1::shard::bookkeeping_bytes(where.text().size());
}

inline time_point at(std::chrono::seconds since_start) {
  return time_point{std::chrono::hours{1} + since_start};
}

}  // namespace ctxcache::test
