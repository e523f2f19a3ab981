#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/table_reader.hpp"
#include "config/tables.hpp"

namespace ctxcache::config {

/// The tables [NAME.X] below one name of the file, each given to `read`; what is no table is reported.
template <class Read>
void for_each_table(const member& of, std::vector<problem>& errors, Read read) {
  const auto* all = std::get_if<table>(&of.value.value);
  if (all == nullptr) {
    errors.push_back({of.at, "expected tables [" + of.name + ".NAME]"});
    return;
  }
  for (const auto& one : *all) {
    if (std::holds_alternative<table>(one.value.value)) {
      read(one);
    } else {
      errors.push_back({one.at, "expected a table [" + of.name + "." + one.name + "]"});
    }
  }
}

/// Lists the values of one table as `config show` prints them.
class shown_table {
 public:
  /// `prefix`: "segment.enterprise". All outlive this.
  shown_table(std::string prefix, table_reader& reader, loaded& made)
      : prefix_(std::move(prefix)), reader_(reader), made_(made) {}
  void add(std::string_view key, std::string value);

 private:
  std::string prefix_;
  table_reader& reader_;
  loaded& made_;
};

/// The provider that a table names.
struct named_provider {
  std::string name{};
  std::optional<provider_kind> type{};  ///< absent when it names none, or one with mistakes of its own
};
[[nodiscard]] named_provider read_provider(table_reader& reader, const known_providers& known);

/// A list of names under a key, and what there is of that sort.
struct name_list {
  std::string_view key;
  std::string_view sort;  ///< "agent type"
  std::vector<std::string_view> known;
};
/// The names; nullopt when there is no such key, or it holds no list.
[[nodiscard]] std::optional<std::vector<std::string>> read_names(table_reader& reader, const name_list& what,
                                                                 std::vector<problem>& errors);
/// The agent types that a table is for; nullopt: all.
[[nodiscard]] std::optional<std::vector<std::string>> read_agent_types(table_reader& reader, loaded& made);

/// "a,b".
[[nodiscard]] std::string joined(const std::vector<std::string>& names);

/// Whether it may name a header of HTTP.
[[nodiscard]] bool is_header_name(std::string_view name);
/// Whether it could be a JSON pointer (RFC 6901) to something inside a document.
[[nodiscard]] bool is_json_pointer(std::string_view text);

}  // namespace ctxcache::config
