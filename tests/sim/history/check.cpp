#include "history/check.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "history/floors.hpp"

namespace ctxcache::history {
namespace {

constexpr instant second = 1'000'000;

instant microseconds(std::chrono::milliseconds of) {
  return std::chrono::microseconds{of}.count();
}

/// Clocks may run apart by one in a hundred, and reading them takes a moment.
instant with_margin(std::chrono::milliseconds of) {
  return microseconds(of) + microseconds(of) / 100 + 50'000;
}

/// One key with all that says something about it.
struct subject {
  explicit subject(key one) : of(std::move(one)) {}

  key of;
  std::vector<const read*> reads;  // by the time they were invoked
  std::vector<const load*> loads;
  std::vector<const put*> puts;
  floors<instant> fenced;                                    // V1
  floors<instant> bounded;                                   // V2
  std::map<std::string, floors<instant>> answered;           // V2, by process
  floors<instant> outlived;                                  // V3
  std::map<std::uint64_t, floors<std::uint64_t>> published;  // V4, by epoch
};

class checker {
 public:
  explicit checker(const history& all) : all_(all) {
    gather_subjects();
    gather_messages();
    for (auto& [text, one] : subjects_) {
      set_floors(one);
      for (const auto* read : one.reads) look_at(one, *read);
      look_at_loads(one);
      count_qualifying(one);
    }
  }
  verdict take() { return std::move(found_); }

 private:
  /// An invalidation, or a PUT as one.
  struct message {
    scope what;
    const std::map<std::string, std::uint64_t>* versions;  // null: `only`
    std::uint64_t only;
    std::optional<position> at;
    bool confirmed;
    bool queued;
    int status;
    const std::string* process;
    interval when;
  };

  void gather_subjects() {
    for (const auto& one : all_.reads) at(one.wanted).reads.push_back(&one);
    for (const auto& one : all_.loads) at(one.wanted).loads.push_back(&one);
    for (const auto& one : all_.puts) at(one.where).puts.push_back(&one);
    for (auto& [text, one] : subjects_) {
      std::ranges::stable_sort(one.reads, {}, [](const read* r) { return r->when.invoked; });
      std::ranges::stable_sort(one.loads, {}, [](const load* l) { return l->when.invoked; });
    }
    for (const auto& one : all_.commits) {
      commits_[one.customer].push_back(&one);
      begun_[one.customer].add({one.invoked, one.version, 0});
    }
    for (auto& [customer, floor] : begun_) floor.settle();
    for (const auto& one : all_.faults) {
      if (one.kind == "split") splits_.push_back(one);
    }
  }
  subject& at(const key& one) { return subjects_.try_emplace(one.text(), one).first->second; }

  void gather_messages() {
    for (const auto& one : all_.invalidations) {
      messages_.push_back({one.what, &one.versions, 0, one.at, one.confirmed, one.queued, one.status,
                           &one.process, one.when});
    }
    for (const auto& one : all_.puts) {
      messages_.push_back({scope::exactly(one.where), nullptr, one.version, one.at, false, one.queued,
                           one.status, &one.process, one.when});
    }
  }

  void set_floors(subject& on) {
    const auto customer = on.of.customer_id();
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const auto& one = messages_[i];
      if (one.status == 0 || !one.what.covers(on.of)) continue;
      std::uint64_t version = one.only;
      if (one.versions != nullptr) {
        const auto named = one.versions->find(customer);
        if (named == one.versions->end()) continue;
        version = named->second;
      }
      set_floors(on, one, version, i);
    }
    const auto life = microseconds(all_.bounds.l2_ttl + all_.bounds.load_deadline) + second;
    for (const auto* one : commits_[customer]) {
      if (one->answered) on.outlived.add({*one->answered + life, one->version, 0});
    }
    for (auto* floor : {&on.fenced, &on.bounded, &on.outlived}) floor->settle();
    for (auto& [process, floor] : on.answered) floor.settle();
    for (auto& [epoch, floor] : on.published) floor.settle();
  }

  void set_floors(subject& on, const message& one, std::uint64_t version, std::size_t why) {
    const bool published = one.at && !one.queued;
    const auto& bounds = all_.bounds;
    // Licences of the losing side of a split go on for a while where nobody waits for the replicas.
    const auto serving = with_margin(bounds.licence + std::max(bounds.grace, bounds.own_loads));
    if (one.confirmed && (bounds.wait_all || !follows_split(one.when, serving))) {
      on.fenced.add({one.when.answered, version, why});
    }
    // Who published on the losing side of a split says it again, if he lives.
    if (published && !follows_split(one.when, 0)) {
      const auto bound = with_margin(bounds.licence + bounds.grace);
      on.bounded.add({one.when.answered + bound, version, why});
    }
    if (published) on.published[one.at->epoch].add({one.at->sequence, version, why});
    if (published || one.status == 200 || one.status == 202) {
      on.answered[*one.process].add({one.when.answered, version, why});
    }
  }

  /// Whether it overlaps with a split or with so long after it.
  [[nodiscard]] bool follows_split(const interval& when, instant after) const {
    return std::ranges::any_of(splits_, [&](const fault& one) {
      return one.from <= when.answered && when.invoked <= one.to + after;
    });
  }

  void look_at(const subject& on, const read& one) {
    look_at_body(on, one);
    if (!one.version) return;
    const auto from = one.when.invoked;
    report(1, on, one, on.fenced.before(from), "a fence");
    report(2, on, one, on.bounded.before(from), "an invalidation and the bound");
    if (const auto here = on.answered.find(one.process); here != on.answered.end()) {
      report(2, on, one, here->second.before(from), "an invalidation of this process");
    }
    if (one.source != "stale") report_age(on, one);
    if (!one.min_position) return;
    const auto epoch = on.published.find(one.min_position->epoch);
    if (epoch != on.published.end()) {
      report(4, on, one, epoch->second.before(one.min_position->sequence + 1), "its token");
    }
  }

  template <class Floor>
  void report(int rule, const subject& on, const read& one, const std::optional<Floor>& floor,
              const char* what) {
    if (!floor || *one.version >= floor->version || excused(on, one, messages_[floor->why])) return;
    const auto& why = messages_[floor->why];
    add(rule, describe(one) + " after " + what + " of version " + std::to_string(floor->version) + ", at " +
                  text_of(why.at) + " by " + *why.process + " [" + std::to_string(why.when.invoked) + ", " +
                  std::to_string(why.when.answered) + "]");
  }

  /// A PUT of the version that was read may have come after the message: unless it was answered before that
  /// was sent, or the log says otherwise.
  [[nodiscard]] static bool excused(const subject& on, const read& one, const message& newer) {
    return std::ranges::any_of(on.puts, [&](const put* old) {
      if (old->version != *one.version) return false;
      if (old->status != 0 && old->when.answered <= newer.when.invoked) return false;
      return !(old->at && newer.at && !old->queued && old->at->epoch == newer.at->epoch &&
               old->at->sequence < newer.at->sequence);
    });
  }

  void report_age(const subject& on, const read& one) {
    const auto floor = on.outlived.before(one.when.invoked);
    if (!floor || *one.version >= floor->version) return;
    const auto life = microseconds(all_.bounds.l2_ttl + all_.bounds.load_deadline) + second;
    const bool put_again = std::ranges::any_of(on.puts, [&](const put* old) {
      return old->version == *one.version &&
             (old->status == 0 || old->when.answered + life >= one.when.invoked);
    });
    if (!put_again) add(3, describe(one) + " long after version " + std::to_string(floor->version));
  }

  void look_at_body(const subject& on, const read& one) {
    const bool other = (!one.body_customer.empty() && one.body_customer != on.of.customer_id()) ||
                       (!one.body_agent_type.empty() && one.body_agent_type != on.of.agent_type());
    if (other) add(5, describe(one) + " has the body of " + one.body_customer + ":" + one.body_agent_type);
    const auto begun = begun_.find(on.of.customer_id());
    if (!one.version || begun == begun_.end()) return;
    const auto newest = begun->second.before(one.when.answered + 1);
    if (!newest || newest->version < *one.version) {
      add(5, describe(one) + " has a version that nobody had begun to commit");
    }
  }

  void look_at_loads(const subject& on) {
    std::unordered_map<std::string, const load*> running;  // by process: the one that ends last
    for (const auto* one : on.loads) {
      auto& other = running[one->process];
      if (other != nullptr && one->when.invoked < other->when.answered && !may_be_alone(on, *one)) {
        add(6, "two loads of " + on.of.text() + " at a time in " + one->process + " at " +
                   std::to_string(one->when.invoked));
      }
      if (other == nullptr || other->when.answered < one->when.answered) other = one;
    }
  }
  /// Readers that bypass the cache may load for themselves.
  [[nodiscard]] static bool may_be_alone(const subject& on, const load& one) {
    return std::ranges::any_of(on.reads, [&](const read* by) {
      return by->bypass && by->process == one.process && by->when.invoked <= one.when.answered &&
             by->when.answered >= one.when.invoked;
    });
  }

  void count_qualifying(const subject& on) {
    const auto customer = on.of.customer_id();
    std::map<std::string, std::vector<const read*>> by_process;
    for (const auto* one : on.reads) {
      if (one->version) by_process[one->process].push_back(one);
    }
    std::unordered_set<const read*> counted;
    for (const auto& fence : messages_) {
      if (!fence.confirmed || fence.versions == nullptr || !fence.what.covers(on.of)) continue;
      const auto named = fence.versions->find(customer);
      if (named == fence.versions->end()) continue;
      for (const auto& [process, reads] : by_process) {
        if (held_before(reads, fence.when.invoked, named->second)) count_after(reads, fence.when, counted);
      }
    }
    found_.qualifying_reads += counted.size();
  }
  /// Whether the last of these reads that was answered before then got an older version.
  static bool held_before(const std::vector<const read*>& reads, instant then, std::uint64_t version) {
    auto at = invoked_from(reads, then);
    while (at != reads.begin() && (*std::prev(at))->when.answered >= then) --at;
    return at != reads.begin() && *(*std::prev(at))->version < version;
  }
  static void count_after(const std::vector<const read*>& reads, const interval& fence,
                          std::unordered_set<const read*>& counted) {
    for (auto at = invoked_from(reads, fence.answered + 1); at != reads.end(); ++at) {
      if ((*at)->when.invoked > fence.answered + second) break;
      counted.insert(*at);
    }
  }
  static std::vector<const read*>::const_iterator invoked_from(const std::vector<const read*>& reads,
                                                               instant then) {
    return std::ranges::lower_bound(reads, then, {}, [](const read* one) { return one->when.invoked; });
  }

  static std::string describe(const read& one) {
    return one.process + " read " + one.wanted.text() + " version " +
           (one.version ? std::to_string(*one.version) : std::string{"-"}) + " from " + one.source +
           (one.strict ? " strict" : "") + (one.min_position ? " token " + text_of(one.min_position) : "") +
           " [" + std::to_string(one.when.invoked) + ", " + std::to_string(one.when.answered) + "]";
  }
  void add(int rule, std::string text) { found_.violations.push_back({rule, std::move(text)}); }

  const history& all_;
  std::map<std::string, subject> subjects_;
  std::map<std::string, std::vector<const commit*>> commits_;
  std::map<std::string, floors<instant>> begun_;  // the newest version, by when its commit was begun
  std::vector<fault> splits_;
  std::vector<message> messages_;
  verdict found_;
};

}  // namespace

std::string text_of(const std::optional<position>& place) {
  return place ? to_string(*place) : "-";
}

verdict check(const history& all) {
  return checker{all}.take();
}

}  // namespace ctxcache::history
