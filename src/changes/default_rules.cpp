#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "changes/rules.hpp"

namespace ctxcache::changes {
namespace {

using names = std::initializer_list<std::string_view>;
using pointers = std::vector<std::string>;

// "profile[._]updated" and the same behind any prefix.
void add(std::vector<rule>& to, std::string_view subject, names verbs, const rule& like) {
  for (const auto verb : verbs) {
    auto bare = like;
    bare.type = std::string{subject} + "[._]" + std::string{verb};
    auto prefixed = bare;
    prefixed.type.insert(0, "*.");
    to.push_back(std::move(bare));
    to.push_back(std::move(prefixed));
  }
}

[[nodiscard]] pointers also(pointers first, names more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

}  // namespace

std::vector<rule> default_rules() {
  const pointers anywhere{"/customer_id", "/data/customer_id", "/data/customer", "/data/customer/id",
                          "/data/object/customer"};
  const rule customer{.type = {}, .customer_id = also(anywhere, {"/subject", "/data/object/id"})};
  const rule of_customer{.type = {}, .customer_id = also(anywhere, {"/subject"})};
  const rule support{.type = {}, .customer_id = anywhere, .agent_types = {"support"}};
  const rule billing{.type = {}, .customer_id = anywhere, .agent_types = {"billing"}};

  std::vector<rule> all;
  all.push_back({.type = "ctxcache.row_changed", .customer_id = {"/customer_id"}});
  all.push_back({.type = "ctxcache.table_truncated", .everything = true});
  all.push_back({.type = "ctxcache.database_changed", .everything = true});
  add(all, "customer", {"updated", "changed", "deleted"}, customer);
  add(all, "profile", {"created", "updated", "changed", "deleted"}, of_customer);
  add(all, "plan", {"updated", "changed"}, of_customer);
  add(all, "subscription", {"*"}, of_customer);
  add(all, "ticket", {"created", "updated", "closed"}, support);
  add(all, "payment", {"received", "succeeded", "failed", "refunded"}, billing);
  add(all, "invoice", {"paid", "payment_succeeded", "payment_failed"}, billing);
  return all;
}

}  // namespace ctxcache::changes
