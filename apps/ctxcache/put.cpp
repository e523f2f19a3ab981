#include "id_file.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

constexpr std::size_t document_bytes_max = std::size_t{16} << 20;  // no daemon takes more

}  // namespace

exit_code put(const daemon& to, const put_options& how) {
  const auto path = path_of(context_path, how.key.ids());
  if (!path) return report({exit_code::usage, path.error().message()});
  auto document = read_input(how.file, document_bytes_max);
  if (!document) return report(document.error());
  if (document->empty()) return report({exit_code::failure, how.file + ": is empty"});
  const auto answer = ask_json(to, {.method = "PUT", .path = *path, .body = std::move(*document)});
  if (!answer) return report(answer.error());
  if (to.as_json) return print_json(*answer);
  const auto& stored = object_in(*answer, "stored");
  const auto tiers = std::string{truth_in(stored, "l1") ? " L1" : ""} + (truth_in(stored, "l2") ? " L2" : "");
  return print("stored in" + (tiers.empty() ? " no tier" : tiers) + ", ETag " +
               printable(text_in(*answer, "etag")) + "\n");
}

}  // namespace ctxcache::client
