#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ctxcache::chaos {

/// A context that is read.
struct key_name {
  std::string customer;
  std::string agent_type;
  std::string conversation;  ///< empty: none
};

/// What an invalidation names.
struct reach {
  enum class kind { all, customer, agent_type, key, pattern };
  kind what = kind::all;
  key_name name;        ///< as much of it as the kind has
  std::string pattern;  ///< of kind pattern
};

[[nodiscard]] std::string_view word(reach::kind what);

/// The path under /api/v1/context/. Names are plain, so that nothing needs an escape.
[[nodiscard]] std::string path_of(const key_name& what);

/// The body of POST …/cache/invalidate.
[[nodiscard]] std::string order_of(const reach& what, bool fence);

/// The body of POST …/batch.
[[nodiscard]] std::string batch_of(const std::vector<key_name>& keys);

[[nodiscard]] std::string customer_name(std::size_t index);

/// All contexts of a customer: two of agent types, one of a conversation.
[[nodiscard]] std::vector<key_name> keys_of(const std::string& customer);

}  // namespace ctxcache::chaos
