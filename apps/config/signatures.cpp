#include <algorithm>

#include "config/secrets.hpp"
#include "config/table_parts.hpp"
#include "config/units.hpp"

namespace ctxcache::config {
namespace {

constexpr std::string_view scheme_names[] = {"standard-webhooks", "stripe", "zendesk", "hmac"};
constexpr bounds some_time{1'000, 3'600'000};

parsed<signature_scheme> to_scheme(const node& from) {
  const auto name = to_choice(from, {std::begin(scheme_names), std::end(scheme_names)});
  if (!name) return name.error();
  const auto* found = std::find(std::begin(scheme_names), std::end(scheme_names), *name);
  return static_cast<signature_scheme>(found - std::begin(scheme_names));
}

bool is_base64(std::string_view text) {
  const auto letters = text.substr(0, text.find_last_not_of('=') + 1);
  const auto is_letter = [](char one) {
    return (one >= 'A' && one <= 'Z') || (one >= 'a' && one <= 'z') || (one >= '0' && one <= '9') ||
           one == '+' || one == '/';
  };
  return !letters.empty() && text.size() % 4 == 0 && text.size() - letters.size() <= 2 &&
         std::all_of(letters.begin(), letters.end(), is_letter);
}

class signature_reader {
 public:
  signature_reader(const member& of, const environment& variables, loaded& made)
      : of_(of), variables_(variables), made_(made), reader_(of, made.errors) {}

  void read() {
    one_.name = of_.name;
    one_.at = of_.at;
    if (const auto wrong = check_name(of_.name)) made_.errors.push_back({of_.at, wrong->text()});
    if (reader_.find("scheme") == nullptr) {
      made_.errors.push_back(
          {of_.at, R"(scheme is missing: "standard-webhooks", "stripe", "zendesk" or "hmac")"});
    }
    const auto scheme = reader_.read("scheme", to_scheme);
    if (scheme) one_.scheme = *scheme;
    read_secrets(scheme);
    read_tolerance(scheme);
    read_header(scheme);
    reader_.finish();
    list();
    made_.config.signatures.push_back(std::move(one_));
  }

 private:
  void read_secrets(std::optional<signature_scheme> scheme) {
    if (reader_.find("secrets") == nullptr) made_.errors.push_back({of_.at, "secrets is missing"});
    const auto listed = reader_.read("secrets", to_list);
    if (!listed) return;
    if (listed->empty()) reader_.complain("secrets", "secrets: needs at least one");
    for (const auto& one : std::get<array>(reader_.find("secrets")->value.value)) {
      const auto secret = expand(std::get<std::string>(one.value), variables_);
      const auto wrong = secret ? check_secret(scheme, *secret) : std::optional{secret.error().text()};
      if (wrong) made_.errors.push_back({one.at, "secrets: " + *wrong});
      if (secret) one_.secrets.push_back(*secret);
    }
  }

  // The secret itself is never repeated.
  static std::optional<std::string> check_secret(std::optional<signature_scheme> scheme,
                                                 std::string_view secret) {
    if (secret.empty()) return "is empty";
    constexpr std::string_view prefix = "whsec_";
    if (scheme != signature_scheme::standard_webhooks) return std::nullopt;
    if (secret.starts_with(prefix)) secret.remove_prefix(prefix.size());
    if (is_base64(secret)) return std::nullopt;
    return "a secret of Standard Webhooks is \"whsec_\" and base64 behind it";
  }

  void read_tolerance(std::optional<signature_scheme> scheme) {
    const auto window = [](const node& from) { return to_duration(from, some_time); };
    if (const auto length = reader_.read("tolerance", window)) one_.tolerance = *length;
    if (scheme == signature_scheme::hmac && reader_.find("tolerance") != nullptr) {
      reader_.complain("tolerance", "tolerance: an \"hmac\" signature carries no time");
    }
  }

  void read_header(std::optional<signature_scheme> scheme) {
    const auto name = reader_.read("header", to_text);
    const bool given = reader_.find("header") != nullptr;
    if (name) {
      one_.header = *name;
      if (!is_header_name(*name)) reader_.complain("header", "header: is not a name of a header");
    }
    if (!scheme || (*scheme == signature_scheme::hmac) == given) return;
    reader_.complain("header", given ? "header: only for the scheme \"hmac\""
                                     : "header is missing: the one that carries an \"hmac\" signature");
  }

  void list() {
    shown_table shown{"signature." + one_.name, reader_, made_};
    shown.add("scheme", std::string{scheme_names[static_cast<std::size_t>(one_.scheme)]});
    shown.add("secrets", joined(std::vector<std::string>(one_.secrets.size(), "***")));
    if (one_.scheme == signature_scheme::hmac) return shown.add("header", one_.header);
    shown.add("tolerance", format_duration(one_.tolerance));
  }

  const member& of_;
  const environment& variables_;
  loaded& made_;
  table_reader reader_;
  signature_config one_;
};

}  // namespace

void read_signatures(const member& tables, const environment& variables, loaded& made) {
  for_each_table(tables, made.errors, [&](const member& one) {
    signature_reader{one, variables, made}.read();
  });
}

}  // namespace ctxcache::config
