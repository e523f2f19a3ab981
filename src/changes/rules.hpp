#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/change_source.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache::changes {

/// What an event of some types invalidates.
struct rule {
  std::string type;  ///< of the event; a glob, as Redis has them
  /// Where the customer's id stands: a JSON pointer (RFC 6901) into the event, e.g. "/data/customer_id".
  /// Several are tried in turn.
  std::vector<std::string> customer_id{"/customer_id", "/data/customer_id", "/subject"};
  std::string conversation_id{};           ///< a JSON pointer too; needs agent_types; empty: none
  std::vector<std::string> agent_types{};  ///< empty: all
  bool everything = false;                 ///< all customers: no id is looked for
};

/// The rules that hold unless the configuration has its own (the spec's "when to invalidate"). A type fits by
/// itself and behind a prefix that ends in a dot ("com.example.ticket.created"); an underscore may stand for
/// its last dot ("ticket_created").
///
/// - customer.updated .changed .deleted, profile.created .updated .changed .deleted, plan.updated .changed,
///   subscription.*: all of the customer
/// - ticket.created .updated .closed: support
/// - payment.received .succeeded .failed .refunded, invoice.paid .payment_succeeded .payment_failed: billing
/// - ctxcache.row_changed, of an outbox in PostgreSQL: all of the customer
/// - ctxcache.table_truncated, of such an outbox, and ctxcache.database_changed, of a file of SQLite:
/// everything
///
/// The customer's id is looked for at /customer_id, /data/customer_id, /data/customer, /data/customer/id and
/// /data/object/customer (Stripe); of what has happened to a customer also at /subject and, for customer.*,
/// at /data/object/id. The subject of a ticket or a payment is the ticket or the payment.
[[nodiscard]] std::vector<rule> default_rules();

/// The first rule whose type fits; null when none does.
[[nodiscard]] const rule* rule_for(std::string_view type, const std::vector<rule>& rules);

/// What an event invalidates: by the first rule whose type fits; nullopt when none does. The first of the
/// rule's pointers that leads to a string or a whole number gives the customer's id, of 1 to 128 bytes of
/// UTF-8. A conversation that is not named widens the scope to its agent types.
/// errc::invalid_request when a rule fits and the event does not say whose context it is; errc::invalid_key
/// when what it says cannot be an id; errc::invalid_document when it is not a JSON object.
[[nodiscard]] result<std::optional<std::vector<scope>>> scopes_of(const change& one,
                                                                  const std::vector<rule>& rules);

}  // namespace ctxcache::changes
