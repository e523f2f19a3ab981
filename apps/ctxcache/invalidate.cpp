#include <boost/json/serialize.hpp>
#include <iostream>

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

std::string describe(const json::object& receipt) {
  const auto& scope = object_in(receipt, "scope");
  const auto text = printable(text_in(scope, "text"));
  const auto what = text.empty() ? std::string{"everything"} : text;
  const auto in_l1 = std::to_string(count_in(receipt, "matched_l1")) + " in L1";
  if (truth_in(receipt, "dry_run")) {
    const auto* found = receipt.if_contains("matched_l2");
    const bool known = found != nullptr && found->is_number();
    return "would invalidate " + what + ": " + in_l1 + ", " +
           (known ? std::to_string(count_in(receipt, "matched_l2")) : std::string{"an unknown number"}) +
           " in L2\n";
  }
  return "invalidated " + what + ": " + in_l1 + ", " + std::to_string(count_in(receipt, "unlinked_l2")) +
         " in L2 (position " + printable(text_in(receipt, "position")) + ")\n";
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
  const auto answer = ask_json(
      at, {.method = "POST", .path = std::string{invalidate_path}, .body = json::serialize(body_of(how))});
  if (!answer) return report(answer.error());
  if (!how.dry_run && !truth_in(*answer, "l2_reached")) {
    note(
        "warning: Redis was not reached: its copies stay there until they expire, but this daemon serves "
        "none "
        "of them\n");
  }
  return at.as_json ? print_json(*answer) : print(describe(*answer));
}

}  // namespace ctxcache::client
