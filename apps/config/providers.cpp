#include <algorithm>

#include "config/secrets.hpp"
#include "config/table_parts.hpp"
#include "config/units.hpp"

namespace ctxcache::config {
namespace {

constexpr bounds concurrency{1, 10'000};
constexpr bounds up_to_a_minute{0, 60'000};
constexpr bounds answer_bytes{1, std::int64_t{16} << 20};

parsed<provider_kind> to_kind(const node& from) {
  const auto name = to_choice(from, {"postgres", "http", "sqlite"});
  if (!name) return name.error();
  if (*name == "postgres") return provider_kind::postgres;
  return *name == "http" ? provider_kind::http : provider_kind::sqlite;
}

// The URL may hold secrets: it is never repeated in a message.
std::optional<std::string> check_url(provider_kind type, std::string_view url) {
  const auto begins = [&](std::string_view with) {
    return url.starts_with(with) && url.size() > with.size();
  };
  if (url.empty()) return "url: must not be empty";
  if (type == provider_kind::postgres && !begins("postgresql://") && !begins("postgres://")) {
    return "url: a postgres provider needs postgresql://[user[:password]@][host][:port][/database]";
  }
  if (type != provider_kind::http) return std::nullopt;
  if (!begins("http://") && !begins("https://"))
    return "url: an http provider needs http://HOST or https://HOST";
  if (url.find_first_of("?#") != std::string_view::npos) {
    return "url: must not have a query or a fragment; those belong into the path of a section";
  }
  return std::nullopt;
}

bool is_header_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; });
}

class provider_reader {
 public:
  provider_reader(const member& of, const environment& variables, loaded& made)
      : of_(of), variables_(variables), made_(made), reader_(of, made.errors) {}

  /// The type, when it is right.
  [[nodiscard]] std::optional<provider_kind> read() {
    one_.name = of_.name;
    one_.at = of_.at;
    if (const auto wrong = check_name(of_.name)) made_.errors.push_back({of_.at, wrong->text()});
    const auto type = reader_.read("type", to_kind);
    if (reader_.find("type") == nullptr) {
      made_.errors.push_back({of_.at, "type is missing: \"postgres\", \"http\" or \"sqlite\""});
    }
    one_.type = type.value_or(provider_kind::postgres);
    read_url(type);
    read_headers();
    read_limits(type);
    reader_.finish();
    list();
    made_.config.providers.push_back(std::move(one_));
    return type;
  }

 private:
  parsed<std::string> expanded(const node& from) const {
    const auto text = to_text(from);
    return text ? expand(*text, variables_) : text;
  }

  void read_url(std::optional<provider_kind> type) {
    const auto url = reader_.read("url", [&](const node& from) { return expanded(from); });
    if (reader_.find("url") == nullptr) made_.errors.push_back({of_.at, "url is missing"});
    if (!url) return;
    one_.url = *url;
    const auto wrong = type ? check_url(*type, *url) : std::nullopt;
    if (wrong) reader_.complain("url", *wrong);
  }

  void read_headers() {
    const auto* headers = reader_.find("headers");
    if (headers == nullptr) return;
    const auto* names = std::get_if<table>(&headers->value.value);
    if (names == nullptr) return reader_.complain("headers", "headers: expected a table of strings");
    for (const auto& header : *names) {
      const auto value = expanded(header.value);
      if (!is_header_name(header.name)) {
        made_.errors.push_back({header.at, "\"" + header.name + "\" is not a name of a header"});
      } else if (!value) {
        made_.errors.push_back({header.value.at, header.name + ": " + value.error().text()});
      } else if (!is_header_value(*value)) {
        made_.errors.push_back({header.value.at, header.name + ": must not hold control characters"});
      } else {
        one_.headers.emplace_back(header.name, *value);
      }
    }
  }

  void read_limits(std::optional<provider_kind> type) {
    const auto at_a_time = [](const node& from) { return to_count(from, concurrency); };
    const auto size = [](const node& from) { return to_bytes(from, answer_bytes); };
    constexpr std::size_t sqlite_concurrency = 4;  // each costs a thread
    if (type == provider_kind::sqlite) one_.max_concurrency = sqlite_concurrency;
    if (const auto most = reader_.read("max_concurrency", at_a_time)) {
      one_.max_concurrency = static_cast<std::size_t>(*most);
    }
    if (const auto most = reader_.read("max_answer_bytes", size)) {
      one_.max_answer_bytes = static_cast<std::size_t>(*most);
    }
    const auto lag = [](const node& from) { return to_duration(from, up_to_a_minute); };
    if (const auto settle = reader_.read("settle", lag)) one_.settle = *settle;
    if (const auto path = reader_.read("ca_file", to_text)) one_.ca_file = *path;
    if (!type || *type == provider_kind::http) return;
    for (const auto* name : {"headers", "ca_file"}) {
      if (reader_.find(name) != nullptr) {
        reader_.complain(name, std::string{name} + ": only for providers of type \"http\"");
      }
    }
  }

  void list() {
    shown_table shown{"provider." + one_.name, reader_, made_};
    constexpr std::string_view kinds[] = {"postgres", "http", "sqlite"};
    shown.add("type", std::string{kinds[static_cast<std::size_t>(one_.type)]});
    shown.add("url", redact(one_.url));
    shown.add("max_concurrency", std::to_string(one_.max_concurrency));
    shown.add("max_answer_bytes", format_bytes(static_cast<std::int64_t>(one_.max_answer_bytes)));
    shown.add("settle", format_duration(one_.settle));
    if (one_.type != provider_kind::http) return;
    shown.add("ca_file", one_.ca_file);
    for (const auto& [name, value] : one_.headers) {
      made_.values.push_back(
          {"provider." + one_.name + ".headers." + name, "***", reader_.origin_of("headers")});
    }
  }

  const member& of_;
  const environment& variables_;
  loaded& made_;
  table_reader reader_;
  provider_config one_;
};

}  // namespace

known_providers read_providers(const member& tables, const environment& variables, loaded& made) {
  known_providers known;
  for_each_table(tables, made.errors, [&](const member& one) {
    known.emplace(one.name, provider_reader{one, variables, made}.read());
  });
  return known;
}

}  // namespace ctxcache::config
