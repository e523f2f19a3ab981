// `ctxcache invalidate --file`: a list of customers, in batches of which several are under way; what is wrong
// with one customer stops no other, what fails a whole batch ends it.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <mutex>
#include <set>
#include <span>
#include <thread>

#include "id_file.hpp"
#include "progress_bar.hpp"
#include "receipt_text.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

constexpr std::size_t file_bytes_max = std::size_t{256} << 20;
constexpr std::size_t batch_size = 100;
constexpr std::size_t in_flight_max = 8;

struct totals {
  std::size_t done = 0;
  std::uint64_t in_l1 = 0;
  std::uint64_t in_l2 = 0;
  std::size_t queued = 0;
  bool l2_reached = true;
  std::set<std::string> epochs;  // of their positions
  json::array failed;
};

class file_run {
 public:
  using lines = std::span<const id_list::line>;

  file_run(const daemon& at, const invalidate_options& how, const id_list& list)
      : at_(at), how_(how), ids_(list.ids), bar_(at.screen, list.ids.size()) {
    for (const auto& one : list.bad) fail(one, "an id is 1 to 128 bytes of UTF-8", "invalid_key");
  }

  [[nodiscard]] exit_code run() {
    // A fence covers whatever was published before its own message: the last customer asks for it, when all
    // others are answered.
    const bool fenced = how_.fence && !how_.dry_run && !ids_.empty();
    rest_ = ids_.first(ids_.size() - (fenced ? 1 : 0));
    send_rest();
    if (fenced && !stopped_) {
      bar_.say("waiting until no daemon serves any of them");
      send(ids_.last(1), true);
    }
    bar_.clear();
    return show();
  }

 private:
  void send_rest() {
    const auto batches = (rest_.size() + batch_size - 1) / batch_size;
    std::vector<std::jthread> senders;
    for (std::size_t i = 0; i < std::min(batches, in_flight_max); ++i) {
      senders.emplace_back([this] {
        for (auto batch = next(); !batch.empty(); batch = next()) send(batch, false);
      });
    }
  }

  lines next() {
    const std::lock_guard hold{mutex_};
    if (stopped_) return {};
    const auto batch = rest_.first(std::min(batch_size, rest_.size()));
    rest_ = rest_.subspan(batch.size());
    return batch;
  }

  void send(lines batch, bool fence) {
    const auto answer = ask_receipt(at_, {.method = "POST",
                                          .path = std::string{invalidate_path},
                                          .body = json::serialize(body_of(batch, fence))});
    const std::lock_guard hold{mutex_};
    if (!answer) return stop(batch, answer.error());
    take(batch, *answer);
    answered_ += batch.size();
    bar_.show(answered_);
  }

  [[nodiscard]] json::array body_of(lines batch, bool fence) const {
    json::array made;
    for (const auto& one : batch) {
      json::object order{{"customer_id", one.text}};
      if (!how_.reason.empty()) order["reason"] = how_.reason;
      if (how_.dry_run) order["dry_run"] = true;
      if (fence) order["fence"] = true;
      made.push_back(std::move(order));
    }
    return made;
  }

  void take(lines batch, const json::object& answer) {
    const auto* found = answer.if_contains("results");
    const auto results = found != nullptr && found->is_array() ? found->get_array() : json::array{};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto one =
          i < results.size() && results[i].is_object() ? results[i].get_object() : json::object{};
      if (one.empty() || one.contains("code")) {
        fail(batch[i], one.empty() ? "not answered" : text_in(one, "detail"), text_in(one, "code"));
      } else {
        add(one);
      }
    }
  }

  void add(const json::object& receipt) {
    ++sums_.done;
    sums_.in_l1 += count_in(receipt, "matched_l1");
    sums_.in_l2 += count_in(receipt, how_.dry_run ? "matched_l2" : "unlinked_l2");
    if (how_.dry_run) return;
    if (truth_in(receipt, "queued")) {
      ++sums_.queued;
    } else {
      const auto position = text_in(receipt, "position");
      sums_.epochs.insert(position.substr(0, position.find('.')));
      sums_.l2_reached = sums_.l2_reached && truth_in(receipt, "l2_reached");
    }
    if (const auto& fence = object_in(receipt, "fence"); !fence.empty()) last_ = receipt;
  }

  void fail(const id_list::line& one, const std::string& detail, const std::string& code) {
    bar_.clear();
    note("error: " + *how_.file + ":" + std::to_string(one.number) + ": " + printable(one.text) + ": " +
         printable(detail) + (code.empty() ? "" : " (" + code + ")") + "\n");
    sums_.failed.push_back(
        {{"line", one.number}, {"customer_id", one.text}, {"code", code}, {"detail", detail}});
  }

  void stop(lines batch, const failure& why) {
    bar_.clear();
    const auto first = std::to_string(batch.front().number);
    const auto last = std::to_string(batch.back().number);
    note("error: " + *how_.file + ", lines " + first + " to " + last + ": " + why.text + "\n");
    if (!stopped_) stopped_ = why.code;
  }

  [[nodiscard]] exit_code show() const {
    const auto doubt = doubt_about_fence();
    const bool fenced = last_ && doubt.empty();
    const auto printed = at_.as_json ? print_json(summary(fenced))
                                     : print(sentence() + (fenced ? fence().confirmed : std::string{}));
    if (sums_.queued > 0) note(queued_text);
    if (!sums_.l2_reached)
      note(
          "warning: Redis could not be cleared of all: its copies stay there until they expire; no daemon "
          "serves them\n");
    if (!doubt.empty()) (void)report({exit_code::failure, doubt});
    if (const auto missed = ids_.size() - answered_; missed > 0) {
      note("error: " + std::to_string(missed) + " of " + std::to_string(ids_.size()) +
           " customers were not answered for, or not sent; run it again: to invalidate twice does no harm\n");
    }
    if (printed != exit_code::ok) return printed;
    if (!stopped_ && sums_.failed.empty() && doubt.empty()) return exit_code::ok;
    if (sums_.done > 0) return exit_code::partly_done;
    return stopped_.value_or(exit_code::failure);
  }

  [[nodiscard]] fence_text fence() const { return describe_fence(*last_, url_of(at_.where)); }

  // Empty when the fence holds for all of them, or none was asked for.
  [[nodiscard]] std::string doubt_about_fence() const {
    if (!how_.fence || how_.dry_run || sums_.done == 0) return {};
    if (!last_) return "not confirmed: it ended before its fence";
    if (sums_.queued > 0 && !truth_in(*last_, "queued"))
      return "not confirmed: " + std::to_string(sums_.queued) +
             " wait for Redis; run it again when `ctxcache health` shows none queued";
    if (sums_.epochs.size() > 1) return "not confirmed: Redis was restarted or failed over; run it again";
    return fence().doubt;
  }

  [[nodiscard]] json::object summary(bool fenced) const {
    json::object made{{"dry_run", how_.dry_run},   {"done", sums_.done},
                      {"matched_l1", sums_.in_l1}, {how_.dry_run ? "matched_l2" : "unlinked_l2", sums_.in_l2},
                      {"queued", sums_.queued},    {"failed", sums_.failed},
                      {"fence", nullptr}};
    if (!last_) return made;
    made["position"] = text_in(*last_, "position");
    auto fence = object_in(*last_, "fence");
    fence["confirmed"] = fenced;
    made["fence"] = std::move(fence);
    return made;
  }

  [[nodiscard]] std::string sentence() const {
    const auto failed = sums_.failed.empty() ? "" : "; failed: " + std::to_string(sums_.failed.size());
    const auto queued = sums_.queued == 0 ? "" : "; queued: " + std::to_string(sums_.queued);
    return std::string{how_.dry_run ? "would invalidate " : "invalidated "} + std::to_string(sums_.done) +
           (sums_.done == 1 ? " customer: " : " customers: ") + std::to_string(sums_.in_l1) + " in L1, " +
           std::to_string(sums_.in_l2) + " in L2" + queued + failed + "\n";
  }

  const daemon& at_;
  const invalidate_options& how_;
  const lines ids_;

  // Guarded by mutex_ while there are senders.
  std::mutex mutex_;
  lines rest_;  // not sent yet
  totals sums_;
  progress_bar bar_;
  std::size_t answered_ = 0;
  std::optional<exit_code> stopped_;  // why, when a batch failed as a whole
  std::optional<json::object> last_;  // the receipt with the fence
};

}  // namespace

exit_code invalidate_file(const daemon& at, const invalidate_options& how) {
  const auto text = read_input(*how.file, file_bytes_max);
  if (!text) return report(text.error());
  const auto list = parse_ids(*text);
  if (list.ids.empty() && list.bad.empty())
    return report({exit_code::failure, *how.file + ": names no customer"});
  return file_run{at, how, list}.run();
}

}  // namespace ctxcache::client
