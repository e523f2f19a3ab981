// ctx_sim: lives simulated days, one a seed, and says what was violated (README.md).
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutant.hpp"
#include "day.hpp"
#include "trace.hpp"

namespace {

using ctxcache::mutant;
using ctxcache::sim::day;

constexpr std::array<std::pair<std::string_view, mutant>, 14> mutants{{
    {"late_stamp", mutant::late_stamp},
    {"eager_drop", mutant::eager_drop},
    {"licence_from_reply", mutant::licence_from_reply},
    {"no_wait", mutant::no_wait},
    {"own_any_age", mutant::own_any_age},
    {"join_stale", mutant::join_stale},
    {"no_local_apply", mutant::no_local_apply},
    {"fence_without_grace", mutant::fence_without_grace},
    {"no_epoch_age", mutant::no_epoch_age},
    {"expunge_early", mutant::expunge_early},
    {"no_pending", mutant::no_pending},
    {"min_position_ignored", mutant::min_position_ignored},
    {"put_stamp", mutant::put_stamp},
    {"no_epoch", mutant::no_epoch},
}};

struct order {
  std::uint64_t first = 1;
  std::uint64_t seeds = 100;
  std::optional<std::string_view> only;  // mutant
  bool all_mutants = false;
  bool trace = false;
};

/// Where the journals are; in memory where there is such a place, for nothing is to survive.
class folder {
 public:
  folder() {
    const std::filesystem::path shared{"/dev/shm"};
    const auto base = std::filesystem::is_directory(shared) ? shared : std::filesystem::temp_directory_path();
    path_ = base / ("ctx_sim." + std::to_string(::getpid()));
    std::filesystem::create_directory(path_);
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  [[nodiscard]] std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct sums {
  std::uint64_t days = 0, reads = 0, qualifying = 0, fences = 0, faults = 0, violations = 0;

  void add(const day& one) {
    ++days;
    reads += one.log.reads.size();
    qualifying += one.found.qualifying_reads;
    faults += one.log.faults.size();
    violations += one.found.violations.size() + one.after.size();
    for (const auto& said : one.log.invalidations) fences += said.confirmed ? 1 : 0;
  }
};

void print(std::uint64_t seed, const day& one) {
  constexpr std::size_t printed_max = 5;
  std::size_t printed = 0;
  for (const auto& [rule, text] : one.found.violations) {
    if (printed++ == printed_max) break;
    std::cout << "seed " << seed << ": V" << rule << ' ' << text << '\n';
  }
  for (const auto& text : one.after) std::cout << "seed " << seed << ": V7 " << text << '\n';
  std::cout << std::flush;  // whoever ends it early wants to know
}

int live_all(const order& wanted, const std::string& journals) {
  const auto begin = std::chrono::steady_clock::now();
  sums all;
  for (auto seed = wanted.first; seed < wanted.first + wanted.seeds; ++seed) {
    const auto one = ctxcache::sim::live(seed, journals);
    all.add(one);
    if (wanted.trace) ctxcache::sim::print_trace(std::cout, one.log);
    print(seed, one);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout << "seeds " << all.days << ", reads " << all.reads << " (qualifying " << all.qualifying
            << "), confirmed fences " << all.fences << ", faults " << all.faults << ", violations "
            << all.violations << ", seconds " << took.count() << '\n';
  return all.violations == 0 ? 0 : 1;
}

/// Each mutant until it is caught, at the latest after so many seeds.
int catch_mutants(const order& wanted, const std::string& journals) {
  int at_large = 0;
  for (const auto& [name, which] : mutants) {
    ctxcache::active_mutant = which;
    auto seed = wanted.first;
    std::optional<day> bad;
    for (; !bad && seed < wanted.first + wanted.seeds; ++seed) {
      auto one = ctxcache::sim::live(seed, journals);
      if (!one.found.violations.empty()) bad = std::move(one);
    }
    if (bad) {
      const auto& [rule, text] = bad->found.violations.front();
      std::cout << name << ": seed " << seed - 1 << ", V" << rule << ' ' << text << '\n';
    } else {
      std::cout << name << ": NOT CAUGHT by " << wanted.seeds << " seeds\n";
      ++at_large;
    }
  }
  return at_large == 0 ? 0 : 1;
}

std::optional<order> read_order(const std::vector<std::string_view>& words) {
  order wanted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    const bool has_value = word == "--seeds" || word == "--first" || word == "--mutant";
    if (has_value && i + 1 == words.size()) return std::nullopt;
    if (word == "--seeds") {
      wanted.seeds = std::strtoull(words[++i].data(), nullptr, 10);
    } else if (word == "--first") {
      wanted.first = std::strtoull(words[++i].data(), nullptr, 10);
    } else if (word == "--mutant") {
      wanted.only = words[++i];
    } else if (word == "--mutants") {
      wanted.all_mutants = true;
    } else if (word == "--trace") {
      wanted.trace = true;
    } else {
      return std::nullopt;
    }
  }
  return wanted;
}

bool choose(std::string_view name) {
  for (const auto& [one, which] : mutants) {
    if (one == name) ctxcache::active_mutant = which;
  }
  return ctxcache::active_mutant != mutant::none;
}

}  // namespace

int main(int count, char** arguments) {
  const auto wanted = read_order({arguments + 1, arguments + count});
  if (!wanted || (wanted->only && !choose(*wanted->only))) {
    std::cerr << "usage: ctx_sim [--seeds N] [--first K] [--mutant NAME | --mutants] [--trace]\n";
    return 2;
  }
  const folder journals;
  if (wanted->all_mutants) return catch_mutants(*wanted, journals.path());
  return live_all(*wanted, journals.path());
}
