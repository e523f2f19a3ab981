#include <boost/json/serialize.hpp>
#include <iostream>

#include "receipt_text.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

bool confirmed() {
  note("Invalidate everything? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

json::object body_of(const invalidate_options& how) {
  json::object made;
  if (how.customer_id) made["customer_id"] = *how.customer_id;
  if (how.agent_type) made["agent_type"] = *how.agent_type;
  if (how.conversation_id) made["conversation_id"] = *how.conversation_id;
  if (how.pattern) made["pattern"] = *how.pattern;
  if (how.all) made["all"] = true;
  if (!how.reason.empty()) made["reason"] = how.reason;
  if (how.dry_run) made["dry_run"] = true;
  if (how.fence) made["fence"] = true;
  return made;
}

exit_code show(const daemon& at, const json::object& receipt) {
  const bool fenced = receipt.contains("fence") && receipt.at("fence").is_object();
  const auto fence = fenced ? describe_fence(receipt, url_of(at.where)) : fence_text{};
  const auto printed = at.as_json ? print_json(receipt) : print(describe_receipt(receipt) + fence.confirmed);
  if (truth_in(receipt, "queued")) {
    note(queued_text);
  } else if (!truth_in(receipt, "dry_run") && !truth_in(receipt, "l2_reached")) {
    note(
        "warning: Redis could not be cleared: its copies stay there until they expire; no daemon serves "
        "them\n");
  }
  if (printed != exit_code::ok || fence.doubt.empty()) return printed;
  return report({exit_code::failure, fence.doubt});
}

}  // namespace

exit_code invalidate(const daemon& at, const invalidate_options& how) {
  if (how.file) return invalidate_file(at, how);
  if (how.all && !how.yes && !how.dry_run) {
    if (!at.screen.reads || !at.screen.tells) {
      return report({exit_code::usage, "--all without a terminal to ask on needs --yes"});
    }
    if (!confirmed()) return report({exit_code::failure, "nothing was invalidated"});
  }
  const auto receipt = ask_receipt(
      at, {.method = "POST", .path = std::string{invalidate_path}, .body = json::serialize(body_of(how))});
  return receipt ? show(at, *receipt) : report(receipt.error());
}

}  // namespace ctxcache::client
