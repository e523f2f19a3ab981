#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

#include "coherence/validity.hpp"

namespace ctxcache::coherence {

/// A table in epoch 7 at 10, and keys of two customers.
class validity_of : public testing::Test {
 protected:
  static constexpr std::uint64_t epoch = 7;

  [[nodiscard]] bool holds(const key& one, std::uint64_t sequence) const {
    return table.holds({one, hash(one)}, {epoch, sequence});
  }
  void invalidate(const result<scope>& what, std::uint64_t sequence) { table.raise(*what, hash, sequence); }

  key_hasher hash;
  validity table{{epoch, 10}, {.grace = std::chrono::seconds{10}, .own_loads = std::chrono::seconds{60}}};
  const key plain = *key::make({"cust_1", "support"});
  const key talk = *key::make({"cust_1", "support", "conv_1"});
  const key other_talk = *key::make({"cust_1", "support", "conv_2"});
  const key billing = *key::make({"cust_1", "billing"});
  const key stranger = *key::make({"cust_2", "support"});
};

}  // namespace ctxcache::coherence
