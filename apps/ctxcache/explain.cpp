#include "text_table.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

std::string describe(const json::object& copy) {
  if (copy.empty()) return "nothing";
  const auto left = static_cast<std::int64_t>(number_in(copy, "remaining_ttl_s"));
  const auto life = left >= 0 ? human_seconds(left) + " left" : "expired " + human_seconds(-left) + " ago";
  return std::string{truth_in(copy, "valid") ? "" : "invalidated, "} + human_bytes(count_in(copy, "bytes")) +
         ", " + human_seconds(static_cast<std::int64_t>(count_in(copy, "age_s"))) + " old, " + life +
         (truth_in(copy, "partial") ? ", partial" : "") + ", stamp " + printable(text_in(copy, "stamp"));
}

std::string l2_line(const json::object& answer) {
  const auto error = text_in(answer, "l2_error");
  return error.empty() ? describe(object_in(answer, "l2")) : "not reached (" + printable(error) + ")";
}

}  // namespace

exit_code explain(const daemon& at, const key_options& key) {
  const auto path = path_of(entries_path, key.ids());
  if (!path) return report({exit_code::usage, path.error().message()});
  const auto answer = ask_json(at, {.path = *path});
  if (!answer) return report(answer.error());
  if (at.as_json) return print_json(*answer);
  const auto invalidated = printable(text_in(*answer, "last_invalidated"));
  return print(
      format_table({{"key", printable(text_in(*answer, "key"))},
                    {"L1", describe(object_in(*answer, "l1"))},
                    {"L2", l2_line(*answer)},
                    {"last invalidated", invalidated.empty() ? "not that this daemon knows" : invalidated},
                    {"being loaded", truth_in(*answer, "loading") ? "yes" : "no"},
                    {"position", printable(text_in(*answer, "position"))}}));
}

}  // namespace ctxcache::client
