// `ctxcache invalidate --file`: a list of customers, in batches; what is wrong with one stops no other.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <span>

#include "id_file.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

constexpr std::size_t file_bytes_max = std::size_t{256} << 20;
constexpr std::size_t batch_size = 100;

struct totals {
  std::size_t done = 0;
  std::uint64_t in_l1 = 0;
  std::uint64_t in_l2 = 0;
  bool l2_reached = true;
  json::array failed;
};

class file_run {
 public:
  file_run(const daemon& at, const invalidate_options& how) : at_(at), how_(how) {}

  [[nodiscard]] exit_code run() {
    const auto text = read_input(*how_.file, file_bytes_max);
    if (!text) return report(text.error());
    const auto list = parse_ids(*text);
    if (list.ids.empty() && list.bad.empty())
      return report({exit_code::failure, *how_.file + ": names no customer"});
    for (const auto& one : list.bad) fail(one, "an id is 1 to 128 bytes of UTF-8", "invalid_key");
    const auto stopped = send_all(list.ids);
    if (!sums_.l2_reached)
      note("warning: Redis was not reached for some of them: its copies stay there until they expire\n");
    const auto printed = at_.as_json ? print_json(summary()) : print(sentence());
    if (printed != exit_code::ok) return printed;
    if (stopped == exit_code::ok && sums_.failed.empty()) return exit_code::ok;
    if (sums_.done > 0) return exit_code::partly_done;
    return stopped == exit_code::ok ? exit_code::failure : stopped;
  }

 private:
  /// What stopped it: a batch that failed as a whole.
  exit_code send_all(std::span<const id_list::line> ids) {
    const auto all = ids.size();
    while (!ids.empty()) {
      const auto batch = ids.first(std::min(batch_size, ids.size()));
      const auto answer = ask_json(
          at_,
          {.method = "POST", .path = std::string{invalidate_path}, .body = json::serialize(body_of(batch))});
      if (!answer) {
        end_progress();
        note("error: stopped at line " + std::to_string(batch.front().number) + " of " + *how_.file + "\n");
        return report(answer.error());
      }
      take(batch, *answer);
      ids = ids.subspan(batch.size());
      show_progress(all - ids.size(), all);
    }
    end_progress();
    return exit_code::ok;
  }

  [[nodiscard]] json::array body_of(std::span<const id_list::line> batch) const {
    json::array made;
    for (const auto& one : batch) {
      json::object order{{"customer_id", one.text}};
      if (!how_.reason.empty()) order["reason"] = how_.reason;
      if (how_.dry_run) order["dry_run"] = true;
      if (how_.fence) order["fence"] = true;
      made.push_back(std::move(order));
    }
    return made;
  }

  void take(std::span<const id_list::line> batch, const json::object& answer) {
    const auto* found = answer.if_contains("results");
    const auto results = found != nullptr && found->is_array() ? found->get_array() : json::array{};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto one =
          i < results.size() && results[i].is_object() ? results[i].get_object() : json::object{};
      if (one.empty() || one.contains("code")) {
        fail(batch[i], one.empty() ? "not answered" : text_in(one, "detail"), text_in(one, "code"));
        continue;
      }
      ++sums_.done;
      sums_.in_l1 += count_in(one, "matched_l1");
      sums_.in_l2 += count_in(one, how_.dry_run ? "matched_l2" : "unlinked_l2");
      if (!how_.dry_run && !truth_in(one, "l2_reached")) sums_.l2_reached = false;
    }
  }

  void fail(const id_list::line& one, const std::string& detail, const std::string& code) {
    end_progress();
    note("error: " + *how_.file + ":" + std::to_string(one.number) + ": " + printable(one.text) + ": " +
         printable(detail) + (code.empty() ? "" : " (" + code + ")") + "\n");
    sums_.failed.push_back(
        {{"line", one.number}, {"customer_id", one.text}, {"code", code}, {"detail", detail}});
  }

  void show_progress(std::size_t done, std::size_t all) {
    if (!at_.screen.tells || done == all) return;
    note("\r" + std::to_string(done) + " of " + std::to_string(all) + " ");
    in_progress_line_ = true;
  }
  void end_progress() {
    if (in_progress_line_) note("\r\x1b[K");
    in_progress_line_ = false;
  }

  [[nodiscard]] json::object summary() const {
    return {{"dry_run", how_.dry_run},
            {"done", sums_.done},
            {"matched_l1", sums_.in_l1},
            {how_.dry_run ? "matched_l2" : "unlinked_l2", sums_.in_l2},
            {"failed", sums_.failed}};
  }
  [[nodiscard]] std::string sentence() const {
    const auto failed = sums_.failed.empty() ? "" : "; failed: " + std::to_string(sums_.failed.size());
    return std::string{how_.dry_run ? "would invalidate " : "invalidated "} + std::to_string(sums_.done) +
           (sums_.done == 1 ? " customer: " : " customers: ") + std::to_string(sums_.in_l1) + " in L1, " +
           std::to_string(sums_.in_l2) + " in L2" + failed + "\n";
  }

  const daemon& at_;
  const invalidate_options& how_;
  totals sums_;
  bool in_progress_line_ = false;
};

}  // namespace

exit_code invalidate_file(const daemon& at, const invalidate_options& how) {
  return file_run{at, how}.run();
}

}  // namespace ctxcache::client
