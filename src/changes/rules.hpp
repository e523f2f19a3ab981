#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctxcache/change_source.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache::changes {

/// What an event of some types invalidates.
struct rule {
  std::string type;  ///< of the event; a glob
  /// Where the customer's id stands: a JSON pointer (RFC 6901) into the event, e.g. "/data/customer_id".
  /// Several are tried in turn.
  std::vector<std::string> customer_id{"/customer_id", "/data/customer_id", "/subject"};
  std::string conversation_id{};           ///< a JSON pointer too; needs agent_types; empty: none
  std::vector<std::string> agent_types{};  ///< empty: all
  bool everything = false;                 ///< all customers: no id is looked for
};

/// The rules that hold unless the configuration has its own (the spec's "when to invalidate").
[[nodiscard]] std::vector<rule> default_rules();

/// What an event invalidates: by the first rule whose type fits; nullopt when none does.
/// errc::invalid_request when a rule fits and the event does not say whose context it is.
[[nodiscard]] result<std::optional<std::vector<scope>>> scopes_of(const change& one,
                                                                  const std::vector<rule>& rules);

}  // namespace ctxcache::changes
