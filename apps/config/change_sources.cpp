#include <algorithm>

#include "config/table_parts.hpp"

namespace ctxcache::config {
namespace {

constexpr std::string_view source_names[] = {"postgres_outbox", "sqlite_watch", "redis_stream"};

parsed<source_kind> to_source(const node& from) {
  const auto name = to_choice(from, {std::begin(source_names), std::end(source_names)});
  if (!name) return name.error();
  const auto* found = std::find(std::begin(source_names), std::end(source_names), *name);
  return static_cast<source_kind>(found - std::begin(source_names));
}

class source_reader {
 public:
  source_reader(const member& of, const known_providers& providers, loaded& made)
      : of_(of), providers_(providers), made_(made), reader_(of, made.errors) {}

  void read() {
    one_.name = of_.name;
    one_.at = of_.at;
    if (const auto wrong = check_name(of_.name)) made_.errors.push_back({of_.at, wrong->text()});
    if (reader_.find("type") == nullptr) {
      made_.errors.push_back(
          {of_.at, R"(type is missing: "postgres_outbox", "sqlite_watch" or "redis_stream")"});
    }
    if (const auto type = reader_.read("type", to_source)) {
      one_.type = *type;
      if (*type == source_kind::redis_stream) {
        read_stream();
      } else {
        read_database();
      }
      list();
    } else {
      for (const auto* key : {"provider", "stream", "group"}) static_cast<void>(reader_.find(key));
    }
    reader_.finish();
    made_.config.change_sources.push_back(std::move(one_));
  }

 private:
  [[nodiscard]] std::string quoted_type() const {
    return "\"" + std::string{source_names[static_cast<std::size_t>(one_.type)]} + "\"";
  }

  void read_stream() {
    if (reader_.find("stream") == nullptr) made_.errors.push_back({of_.at, "stream is missing"});
    if (auto stream = reader_.read("stream", to_some_text)) one_.stream = *std::move(stream);
    if (auto group = reader_.read("group", to_some_text)) one_.group = *std::move(group);
    refuse({"provider"});
  }

  void read_database() {
    const auto provider = read_provider(reader_, providers_);
    one_.provider = provider.name;
    const auto needed =
        one_.type == source_kind::postgres_outbox ? provider_kind::postgres : provider_kind::sqlite;
    if (provider.type && *provider.type != needed) {
      reader_.complain("provider", "a source of type " + quoted_type() + " needs a provider of type " +
                                       (needed == provider_kind::postgres ? "\"postgres\"" : "\"sqlite\"") +
                                       ", which \"" + provider.name + "\" is not");
    }
    refuse({"stream", "group"});
  }

  void refuse(std::initializer_list<const char*> keys) {
    for (const auto* key : keys) {
      if (reader_.find(key) == nullptr) continue;
      reader_.complain(key, std::string{key} + ": not for sources of type " + quoted_type());
    }
  }

  void list() {
    shown_table shown{"source." + one_.name, reader_, made_};
    shown.add("type", std::string{source_names[static_cast<std::size_t>(one_.type)]});
    if (one_.type != source_kind::redis_stream) return shown.add("provider", one_.provider);
    shown.add("stream", one_.stream);
    shown.add("group", one_.group);
  }

  const member& of_;
  const known_providers& providers_;
  loaded& made_;
  table_reader reader_;
  source_config one_;
};

}  // namespace

void read_change_sources(const member& tables, const known_providers& providers, loaded& made) {
  for_each_table(tables, made.errors, [&](const member& one) { source_reader{one, providers, made}.read(); });
}

}  // namespace ctxcache::config
