#include "config/load.hpp"

#include <algorithm>
#include <array>

#include "config/checks.hpp"
#include "config/settings.hpp"
#include "config/suggest.hpp"
#include "config/table_reader.hpp"
#include "config/tables.hpp"
#include "config/toml_file.hpp"

namespace ctxcache::config {
namespace {

constexpr std::string_view environment_prefix = "CTXCACHE_";

// Of the tables [NAME.X].
constexpr std::array<std::string_view, 7> table_names{"provider", "section",   "segment", "event",
                                                      "schedule", "signature", "source"};

using spelling = std::string (*)(const setting&);

// The setting that has this name among variables or flags, or null.
const setting* spelt(spelling how, std::string_view name) {
  const auto all = settings();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const setting& one) { return how(one) == name; });
  return found == all.end() ? nullptr : &*found;
}

// The prefix, which all have, does not count when names are compared.
std::string similar(spelling how, std::string_view name, std::string_view prefix) {
  std::vector<std::string> names;
  for (const auto& one : settings()) names.push_back(how(one).substr(prefix.size()));
  const std::vector<std::string_view> candidates{names.begin(), names.end()};
  if (!name.starts_with(prefix)) return {};
  const auto meant = nearest(name.substr(prefix.size()), candidates);
  return meant ? "; did you mean \"" + std::string{prefix} + std::string{*meant} + "\"?" : std::string{};
}

// One pass over all sources, weakest first, so that what is read later wins.
class loading {
 public:
  explicit loading(const sources& from) : from_(from), origins_(settings().size()) {}

  [[nodiscard]] loaded run() {
    read_file();
    read_environment();
    read_flags();
    apply_profile();
    expand_redis_url();
    list_settings();
    read_tables();
    check(made_, origins_);
    sort(made_.errors);
    sort(made_.warnings);
    return std::move(made_);
  }

 private:
  void take(const setting& one, const node& value) {
    origins_[index(one)] = value.at;
    const auto wrong = assign(made_.config, one, value);
    if (!wrong) return;
    // A place in a file does not say which setting it is; a variable or flag does.
    const auto subject = value.at.line == 0 ? std::string{} : std::string{one.name} + ": ";
    made_.errors.push_back({value.at, subject + wrong->text()});
  }

  void read_file() {
    if (!from_.file) return;
    auto read = read_toml(*from_.file);
    if (const auto* wrong = std::get_if<problem>(&read)) {
      made_.errors.push_back(*wrong);
      return;
    }
    for (auto& one : std::get<table>(read)) read_member(std::move(one));
  }

  void read_member(member one) {
    if (const auto* known = find_setting(one.name); known != nullptr && table_of(*known).empty()) {
      take(*known, one.value);
    } else if (std::ranges::find(table_names, one.name) != table_names.end()) {
      tables_.push_back(std::move(one));
    } else if (holds_settings(one.name)) {
      read_settings_of(one);
    } else {
      std::vector<std::string_view> names{table_names.begin(), table_names.end()};
      for (const auto& other : settings()) {
        names.push_back(table_of(other).empty() ? other.name : table_of(other));
      }
      const bool is_table = std::holds_alternative<table>(one.value.value);
      made_.errors.push_back({one.at, std::string{"unknown "} + (is_table ? "table" : "key") + " \"" +
                                          one.name + "\"" + suggestion(one.name, names)});
    }
  }

  static bool holds_settings(std::string_view name) {
    return std::ranges::any_of(settings(), [&](const setting& one) { return table_of(one) == name; });
  }

  // Each after those that it may name, wherever they stand in the file.
  void read_tables() {
    const auto in = [&](std::string_view name, auto read) {
      const auto found = std::ranges::find(tables_, name, &member::name);
      if (found != tables_.end()) read(*found);
    };
    known_providers known;
    in("provider", [&](const member& of) { known = read_providers(of, from_.variables, made_); });
    in("section", [&](const member& of) { read_sections(of, known, made_); });
    in("segment", [&](const member& of) { read_segments(of, known, made_); });
    in("event", [&](const member& of) { read_event_rules(of, made_); });
    in("schedule", [&](const member& of) { read_schedules(of, made_); });
    in("signature", [&](const member& of) { read_signatures(of, from_.variables, made_); });
    in("source", [&](const member& of) { read_change_sources(of, known, made_); });
  }

  void read_settings_of(const member& of) {
    if (!std::holds_alternative<table>(of.value.value)) {
      made_.errors.push_back({of.at, "expected a table [" + of.name + "]"});
      return;
    }
    table_reader reader{of, made_.errors};
    for (const auto& one : settings()) {
      if (table_of(one) != of.name) continue;
      if (const auto* found = reader.find(key_of(one))) take(one, found->value);
    }
    reader.finish();
  }

  void read_environment() {
    for (const auto& [name, value] : from_.variables) {
      if (!name.starts_with(environment_prefix)) continue;
      const place at{"environment " + name};
      const auto* one = spelt(environment_name, name);
      const auto meant = similar(environment_name, name, environment_prefix);
      if (one != nullptr) {
        take(*one, from_text(*one, value, at));
      } else if (!meant.empty()) {
        // Others may own such names (the client does, and container platforms make them up for services):
        // only what looks misspelt is worth a word.
        made_.warnings.push_back({at, "is not a setting" + meant});
      }
    }
  }

  void read_flags() {
    for (const auto& [name, value] : from_.flags) {
      const place at{"flag " + name};
      const auto* one = spelt(flag_name, name);
      if (one == nullptr) {
        made_.errors.push_back({at, "is not a setting" + similar(flag_name, name, "--")});
      } else {
        const bool alone = one->how == kind::truth && value.empty();
        take(*one, from_text(*one, alone ? "true" : value, at));
      }
    }
  }

  void apply_profile() {
    constexpr std::array<std::pair<std::string_view, std::size_t>, 3> sizes{
        {{"dev", 500}, {"staging", 1'000}, {"production", 5'000}}};
    auto& origin_of_size = origins_[index(*find_setting("l1_cache_max_size"))];
    if (!origin_of_size.source.empty()) return;
    for (const auto& [profile, size] : sizes) {
      if (made_.config.profile != profile) continue;
      made_.config.cache.l1_cache_max_size = size;
      origin_of_size = {"profile " + made_.config.profile};
    }
  }

  void expand_redis_url() {
    const auto expanded = expand(made_.config.redis_url, from_.variables);
    if (expanded) {
      made_.config.redis_url = *expanded;
    } else {
      made_.errors.push_back(
          {origins_[index(*find_setting("redis_url"))], "redis_url: " + expanded.error().text()});
    }
  }

  void list_settings() {
    for (const auto& one : settings()) {
      const auto& at = origins_[index(one)];
      made_.values.push_back(
          {std::string{one.name}, show(made_.config, one), at.source.empty() ? "default" : origin(at)});
    }
  }

  // The file first, line by line; then environment, flags and other files as they came.
  void sort(std::vector<problem>& problems) const {
    const auto order = [&](const problem& one) {
      const bool elsewhere = !from_.file || one.at.source != *from_.file || one.at.line == 0;
      return elsewhere ? std::tuple{true, std::size_t{0}, std::size_t{0}}
                       : std::tuple{false, one.at.line, one.at.column};
    };
    std::stable_sort(problems.begin(), problems.end(),
                     [&](const problem& a, const problem& b) { return order(a) < order(b); });
  }

  const sources& from_;
  std::vector<place> origins_;  // of each setting; an empty source: default
  std::vector<member> tables_;
  loaded made_;
};

}  // namespace

loaded load(const sources& from) {
  return loading{from}.run();
}

}  // namespace ctxcache::config
