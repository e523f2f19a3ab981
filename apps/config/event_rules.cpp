#include <algorithm>

#include "config/table_parts.hpp"
#include "model/glob.hpp"

namespace ctxcache::config {
namespace {

parsed<std::vector<std::string>> to_texts(const node& from) {
  if (const auto* text = std::get_if<std::string>(&from.value)) return std::vector<std::string>{*text};
  auto list = to_list(from);
  return list ? list : complaint::of("expected a string or an array of strings");
}

class rule_reader {
 public:
  rule_reader(const member& of, loaded& made) : of_(of), made_(made), reader_(of, made.errors) {}

  void read() {
    one_.type = of_.name;
    one_.at = of_.at;
    check_type();
    read_pointers();
    if (const auto all = reader_.read("everything", to_bool)) one_.everything = *all;
    if (const auto named = read_agent_types(reader_, made_)) one_.agent_types = *named;
    check_reach();
    finish();
    list();
    made_.config.event_rules.push_back(std::move(one_));
  }

 private:
  // The first rule that fits counts.
  void check_type() {
    constexpr std::size_t type_bytes_max = 256;
    if (of_.name.empty() || of_.name.size() > type_bytes_max) {
      made_.errors.push_back({of_.at, "the type of an event has 1 to 256 bytes"});
    }
    if (of_.name.find_first_of("*?[\\") != std::string::npos) return;
    const auto& before = made_.config.event_rules;
    const auto covers = [&](const event_rule_config& one) { return glob_matches(one.type, one_.type); };
    const auto first = std::find_if(before.begin(), before.end(), covers);
    if (first == before.end()) return;
    made_.warnings.push_back({of_.at, "never applies: [event.\"" + first->type +
                                          "\"] before it is for the same events, and the first rule counts"});
  }

  void read_pointers() {
    if (const auto places = reader_.read("customer_id", to_texts)) {
      one_.customer_id = *places;
      if (places->empty()) reader_.complain("customer_id", "customer_id: names no place");
      for (const auto& one : *places) check_pointer("customer_id", one);
    }
    if (const auto where = reader_.read("conversation_id", to_text)) {
      one_.conversation_id = *where;
      check_pointer("conversation_id", *where);
    }
  }

  void check_pointer(std::string_view key, const std::string& pointer) {
    if (is_json_pointer(pointer)) return;
    reader_.complain(
        key, std::string{key} + ": \"" + pointer + "\" is not a JSON pointer such as \"/data/customer_id\"");
  }

  void check_reach() {
    if (one_.everything) {
      for (const auto* key : {"customer_id", "conversation_id", "agent_types"}) {
        if (reader_.find(key) != nullptr) {
          reader_.complain(key, std::string{key} + ": with everything = true there is nothing to choose");
        }
      }
    } else if (!one_.conversation_id.empty() && one_.agent_types.empty()) {
      reader_.complain("conversation_id",
                       "conversation_id: needs agent_types, whose conversations are meant");
    }
  }

  // [event.ticket.created] is a table within [event.ticket].
  void finish() {
    for (const auto& one : std::get<table>(of_.value.value)) {
      if (!std::holds_alternative<table>(one.value.value) || reader_.find(one.name) == nullptr) continue;
      made_.errors.push_back(
          {one.at, "a type with dots needs quotes: [event.\"" + of_.name + "." + one.name + "\"]"});
    }
    reader_.finish();
  }

  void list() {
    shown_table shown{"event.\"" + one_.type + "\"", reader_, made_};
    if (one_.everything) return shown.add("everything", "true");
    if (!one_.customer_id.empty()) shown.add("customer_id", joined(one_.customer_id));
    if (!one_.conversation_id.empty()) shown.add("conversation_id", one_.conversation_id);
    shown.add("agent_types", one_.agent_types.empty() ? "all" : joined(one_.agent_types));
  }

  const member& of_;
  loaded& made_;
  table_reader reader_;
  event_rule_config one_;
};

}  // namespace

void read_event_rules(const member& tables, loaded& made) {
  for_each_table(tables, made.errors, [&](const member& one) { rule_reader{one, made}.read(); });
}

}  // namespace ctxcache::config
