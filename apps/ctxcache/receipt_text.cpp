#include "receipt_text.hpp"

#include <boost/json/array.hpp>
#include <vector>

#include "ctxcache/position.hpp"
#include "daemon.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

constexpr std::size_t named_max = 5;

struct fleet {
  std::size_t size = 0;
  std::vector<std::string> behind;  // have not applied it
};

fleet fleet_of(const json::object& receipt) {
  const auto* found = object_in(receipt, "fence").if_contains("members");
  if (found == nullptr || !found->is_array()) return {};
  const auto at = parse_position(text_in(receipt, "position"));
  fleet made;
  for (const auto& one : found->get_array()) {
    if (!one.is_object()) continue;
    ++made.size;
    const bool applied = at && count_in(one.get_object(), "applied") >= at->sequence;
    if (!applied) made.behind.push_back(printable(text_in(one.get_object(), "id")));
  }
  return made;
}

std::string names_of(const std::vector<std::string>& ids) {
  std::string made;
  for (std::size_t i = 0; i < ids.size() && i < named_max; ++i) made += (i == 0 ? "" : ", ") + ids[i];
  if (ids.size() > named_max) made += " and " + std::to_string(ids.size() - named_max) + " more";
  return made;
}

std::string daemons(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " daemon" : " daemons");
}

// What a dry run would drop in each daemon; nothing where there is only the one that was asked.
std::string in_each_l1(const json::object& receipt) {
  const auto* found = receipt.if_contains("l1");
  if (found == nullptr || !found->is_array() || found->get_array().size() < 2) return {};
  std::string made;
  for (const auto& one : found->get_array()) {
    if (!one.is_object()) continue;
    const auto* entries = one.get_object().if_contains("entries");
    const bool known = entries != nullptr && entries->is_number();
    made += "  in L1 of " + printable(text_in(one.get_object(), "id")) + ": " +
            (known ? std::to_string(count_in(one.get_object(), "entries")) : "it did not answer") + "\n";
  }
  return made;
}

}  // namespace

std::string describe_receipt(const json::object& receipt) {
  const auto text = printable(text_in(object_in(receipt, "scope"), "text"));
  const auto what = text.empty() ? std::string{"everything"} : text;
  const auto in_l1 = std::to_string(count_in(receipt, "matched_l1")) + " in L1";
  if (truth_in(receipt, "dry_run")) {
    const auto* found = receipt.if_contains("matched_l2");
    const bool known = found != nullptr && found->is_number();
    const auto* again = receipt.if_contains("expected_loads");
    const auto loads = again != nullptr && again->is_number()
                           ? std::to_string(count_in(receipt, "expected_loads"))
                           : std::string{};
    return "would invalidate " + what + ": " + in_l1 + ", " +
           (known ? std::to_string(count_in(receipt, "matched_l2")) : std::string{"an unknown number"}) +
           " in L2" + (loads.empty() ? "" : ", " + loads + " to load again") + "\n" + in_each_l1(receipt);
  }
  if (truth_in(receipt, "queued")) return "invalidated " + what + " here: " + in_l1 + " (queued)\n";
  return "invalidated " + what + ": " + in_l1 + ", " + std::to_string(count_in(receipt, "unlinked_l2")) +
         " in L2 (position " + printable(text_in(receipt, "position")) + ")\n";
}

fence_text describe_fence(const json::object& receipt, std::string_view daemon) {
  const auto& fence = object_in(receipt, "fence");
  const auto all = fleet_of(receipt);
  const auto waited = std::to_string(count_in(fence, "waited_ms")) + " ms";
  if (truth_in(fence, "confirmed")) {
    // Who is behind and confirmed nevertheless has been silent for longer than its caches may be used.
    const auto silent = all.behind.empty() ? "" : ", of them silent: " + names_of(all.behind);
    const auto fleet = all.size == 0 ? "" : daemons(all.size) + silent + ", ";
    return {"confirmed: no daemon serves it any more (" + fleet + waited + ")\n", {}};
  }
  if (truth_in(receipt, "queued")) {
    return {{},
            "not confirmed: a fence needs Redis; ask for it again when `ctxcache health` shows none queued"};
  }
  const auto behind = all.behind.empty()
                          ? std::string{}
                          : ", not applied by " + names_of(all.behind) + " of " + daemons(all.size);
  return {{},
          "not confirmed after " + waited + behind +
              ": some daemon may serve it still; ask again with\n  curl " + std::string{daemon} +
              "/api/v1/context/cache/fences/" + printable(text_in(receipt, "position"))};
}

}  // namespace ctxcache::client
