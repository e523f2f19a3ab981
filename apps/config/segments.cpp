#include <cerrno>
#include <cstring>
#include <fstream>

#include "config/id_list.hpp"
#include "config/table_parts.hpp"
#include "config/units.hpp"
#include "ctxcache/key.hpp"

namespace ctxcache::config {
namespace {

constexpr std::size_t id_file_bytes_max = std::size_t{64} << 20;

parsed<std::string> contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) {
    text.resize(id_file_bytes_max + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.eof()) return text;
    if (text.size() > id_file_bytes_max) return complaint::of(path + " is larger than 64 MiB");
  }
  return complaint::of(path + " cannot be read: " + std::strerror(errno));
}

bool is_customer(std::string_view id) {
  return key::make({.customer_id = id, .agent_type = "any"}).has_value();
}

class segment_reader {
 public:
  segment_reader(const member& of, const known_providers& providers, loaded& made)
      : of_(of), providers_(providers), made_(made), reader_(of, made.errors) {}

  void read() {
    one_.name = of_.name;
    one_.at = of_.at;
    if (const auto wrong = check_name(of_.name)) made_.errors.push_back({of_.at, wrong->text()});
    check_what_it_is();
    if (reader_.find("query") != nullptr) {
      read_query();
    } else {
      for (const auto* name : {"provider", "timeout"}) {
        if (reader_.find(name) != nullptr) reader_.complain(name, std::string{name} + ": only for a query");
      }
    }
    read_ids();
    read_file();
    reader_.finish();
    list();
    made_.config.segments.push_back(std::move(one_));
  }

 private:
  void check_what_it_is() {
    const char* first = nullptr;
    for (const auto* name : {"query", "customer_ids", "file"}) {
      if (reader_.find(name) == nullptr) continue;
      if (first != nullptr) {
        reader_.complain(name, std::string{"a segment has "} + first + " or " + name + ", not both");
      }
      first = name;
    }
    if (first != nullptr) return;
    made_.errors.push_back({of_.at, "a segment needs a query, customer_ids or a file"});
  }

  void read_query() {
    const auto duration = [](const node& from) { return to_duration(from); };
    if (const auto most = reader_.read("timeout", duration)) one_.timeout = *most;
    const auto provider = read_provider(reader_, providers_);
    one_.provider = provider.name;
    if (provider.type == provider_kind::http) {
      reader_.complain("provider", "provider \"" + provider.name +
                                       "\" is an HTTP service: a segment's query needs a database");
    }
    const auto query = reader_.read("query", to_text);
    if (!query) return;
    one_.query = *query;
    const auto last = query->find_last_not_of(" \t\r\n");
    if (last == std::string::npos) return reader_.complain("query", "query: must not be empty");
    // It becomes a part of the query for one page.
    if ((*query)[last] == ';') reader_.complain("query", "query: must not end with \";\"");
  }

  void read_ids() {
    const auto ids = reader_.read("customer_ids", to_list);
    if (!ids) return;
    one_.customer_ids = *ids;
    if (ids->empty()) reader_.complain("customer_ids", "customer_ids: names none");
    for (const auto& one : std::get<array>(reader_.find("customer_ids")->value.value)) {
      const auto& id = std::get<std::string>(one.value);
      if (is_customer(id)) continue;
      made_.errors.push_back({one.at, "customer_ids: \"" + id + "\" is not an id: 1 to 128 bytes of UTF-8"});
    }
  }

  // A line that cannot be an id takes nothing from the others.
  void read_file() {
    const auto path = reader_.read("file", to_text);
    if (!path) return;
    one_.file = *path;
    const auto text = contents_of(*path);
    if (!text) return reader_.complain("file", "file: " + text.error().text());
    auto ids = parse_ids(*text);
    if (ids.ids.empty()) {
      made_.warnings.push_back({reader_.find("file")->value.at, "file: " + *path + " names no customers"});
    }
    constexpr std::size_t warnings_max = 20;
    for (std::size_t i = 0; i < ids.bad.size() && i < warnings_max; ++i) {
      const auto more = ids.bad.size() - warnings_max;
      const bool cut = i + 1 == warnings_max && more > 0;
      made_.warnings.push_back({{*path, ids.bad[i].number, 1},
                                "is not an id: 1 to 128 bytes of UTF-8" +
                                    (cut ? "; nor are " + std::to_string(more) + " more" : "")});
    }
    for (auto& one : ids.ids) one_.customer_ids.push_back(std::move(one.text));
  }

  void list() {
    shown_table shown{"segment." + one_.name, reader_, made_};
    if (reader_.find("query") != nullptr) {
      shown.add("provider", one_.provider);
      shown.add("query", one_.query);
      shown.add("timeout", format_duration(one_.timeout));
    } else if (reader_.find("file") != nullptr) {
      shown.add("file", one_.file);
    } else {
      shown.add("customer_ids", joined(one_.customer_ids));
    }
  }

  const member& of_;
  const known_providers& providers_;
  loaded& made_;
  table_reader reader_;
  segment_config one_;
};

}  // namespace

void read_segments(const member& tables, const known_providers& providers, loaded& made) {
  for_each_table(tables, made.errors, [&](const member& one) {
    segment_reader{one, providers, made}.read();
  });
}

}  // namespace ctxcache::config
