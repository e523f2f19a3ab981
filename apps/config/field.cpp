// How settings are read from text, put in their place and shown.
#include <type_traits>

#include "config/secrets.hpp"
#include "config/settings.hpp"
#include "config/units.hpp"

namespace ctxcache::config {
namespace {

template <class Config, class Value>
auto& at(Config& config, Value daemon_config::*member) {
  return config.*member;
}
template <class Config, class Value>
auto& at(Config& config, Value cache_settings::*member) {
  return config.cache.*member;
}
template <class Config, class Value>
auto& at(Config& config, Value fleet_settings::*member) {
  return config.fleet.*member;
}
template <class Config, class Value>
auto& at(Config& config, Value fleet_constants::*member) {
  return config.fleet.constants.*member;
}
template <class Config, class Value>
auto& at(Config& config, Value warming_config::*member) {
  return config.warming.*member;
}
template <class Config, class Value>
auto& at(Config& config, Value intake_config::*member) {
  return config.intake.*member;
}

array split(const std::string& text, const place& where) {
  array made;
  std::size_t begin = 0;
  while (begin <= text.size() && !text.empty()) {
    const auto end = std::min(text.find(',', begin), text.size());
    made.push_back({text.substr(begin, end - begin), where});
    begin = end + 1;
  }
  return made;
}

parsed<bool> value_for(const bool*, const setting& one, const node& from) {
  if (one.how != kind::choice) return to_bool(from);
  const auto word = to_choice(from, choices_of(one));
  if (!word) return word.error();
  return *word == one.choices[1];
}
parsed<std::chrono::milliseconds> value_for(const std::chrono::milliseconds*, const setting& one,
                                            const node& from) {
  return to_duration(from, one.allowed);
}
parsed<std::int64_t> value_for(const std::size_t*, const setting& one, const node& from) {
  return one.how == kind::bytes ? to_bytes(from, one.allowed) : to_count(from, one.allowed);
}
parsed<double> value_for(const double*, const setting& one, const node& from) {
  return one.how == kind::fraction ? to_fraction(from) : to_number(from, one.allowed);
}
parsed<std::string> value_for(const std::string*, const setting& one, const node& from) {
  return one.how == kind::choice ? to_choice(from, choices_of(one)) : to_text(from);
}
parsed<std::vector<std::string>> value_for(const std::vector<std::string>*, const setting&,
                                           const node& from) {
  return to_list(from);
}

std::string shown(const setting& one, bool value) {
  if (one.how == kind::choice) return std::string{one.choices[value ? 1 : 0]};
  return value ? "true" : "false";
}
std::string shown(const setting&, std::chrono::milliseconds value) {
  return format_duration(value);
}
std::string shown(const setting& one, std::size_t value) {
  return one.how == kind::bytes ? format_bytes(static_cast<std::int64_t>(value)) : std::to_string(value);
}
std::string shown(const setting&, double value) {
  return format_fraction(value);
}
std::string shown(const setting& one, const std::string& value) {
  return one.how == kind::url ? redact(value) : value;
}
std::string shown(const setting&, const std::vector<std::string>& value) {
  std::string made;
  for (const auto& one : value) made += (made.empty() ? "" : ",") + one;
  return made;
}

}  // namespace

node from_text(const setting& one, const std::string& text, place where) {
  node made{text, std::move(where)};
  if (one.how == kind::truth && (text == "true" || text == "1")) made.value = true;
  if (one.how == kind::truth && (text == "false" || text == "0")) made.value = false;
  if (one.how == kind::list) made.value = split(text, made.at);
  if (const auto whole = parse_whole(text); one.how == kind::count && whole) made.value = *whole;
  const bool real = one.how == kind::fraction || one.how == kind::number;
  if (const auto number = parse_fraction(text); real && number) made.value = *number;
  return made;
}

std::optional<complaint> assign(daemon_config& config, const setting& one, const node& value) {
  return std::visit(
      [&](auto member) -> std::optional<complaint> {
        auto& target = at(config, member);
        using type = std::remove_reference_t<decltype(target)>;
        auto read = value_for(static_cast<const type*>(nullptr), one, value);
        if (!read) return read.error();
        target = static_cast<type>(std::move(*read));
        return std::nullopt;
      },
      one.where);
}

std::string show(const daemon_config& config, const setting& one) {
  return std::visit([&](auto member) { return shown(one, at(config, member)); }, one.where);
}

bool differs(const daemon_config& a, const daemon_config& b, const setting& one) {
  return std::visit([&](auto member) { return at(a, member) != at(b, member); }, one.where);
}

}  // namespace ctxcache::config
