// `ctxcache events list|follow|replay`: change events, and those that could not be applied.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "growing_list.hpp"
#include "text_table.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

std::string columns(std::string_view time, std::string_view verdict, std::string_view type,
                    std::string_view source, std::string_view rest) {
  auto line = fmt::format("{:<24}  {:<11}  {:<24}  {:<16}  {}", time, verdict, type, source, rest);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string known(const json::object& one, std::string_view name) {
  const auto text = printable(text_in(one, name));
  return text.empty() ? std::string{"-"} : text;
}

// What was invalidated, or why nothing was.
std::string effect(const json::object& outcome) {
  if (const auto detail = printable(text_in(outcome, "detail")); !detail.empty()) return detail;
  std::string made;
  for (const auto& one : list_in(outcome, "receipts")) {
    if (!one.is_object()) continue;
    const auto text = printable(text_in(object_in(one.get_object(), "scope"), "text"));
    made += (made.empty() ? "" : ", ") + (text.empty() ? std::string{"everything"} : text);
  }
  return made;
}

std::string describe(const json::object& one) {
  return columns(known(one, "at"), known(one, "verdict"), known(one, "type"), known(one, "source"),
                 known(one, "id") + "  " + effect(one));
}

outcome<json::array> dead_letters(const daemon& of) {
  const auto answer = ask_json(of, {.path = std::string{dead_events_path}});
  if (!answer) return answer.error();
  return json::array(list_in(*answer, "dead_letters"));
}

exit_code list_dead(const daemon& of) {
  const auto letters = dead_letters(of);
  if (!letters) return report(letters.error());
  std::string lines;
  std::vector<text_row> rows{{"NUMBER", "AT", "TYPE", "SOURCE", "ID", "WHY"}};
  for (const auto& one : *letters) {
    lines += json::serialize(one) + "\n";
    if (!one.is_object()) continue;
    const auto& letter = one.get_object();
    rows.push_back({known(letter, "number"), known(letter, "at"), known(letter, "type"),
                    known(letter, "source"), known(letter, "id"), known(letter, "why")});
  }
  return print(of.as_json ? lines : format_table(rows));
}

outcome<json::object> replay(const daemon& at, const std::string& number) {
  return ask_json(
      at, {.method = "POST", .path = std::string{dead_events_path} + "/" + path_segment(number) + "/replay"});
}

exit_code show_replayed(const daemon& at, const json::object& done) {
  if (at.as_json) return print_json(done);
  const auto what = effect(done);
  return print(known(done, "verdict") + (what.empty() ? "" : " " + what) + "\n");
}

// What is wrong with one stops no other; a daemon that is gone ends it.
exit_code replay_all(const daemon& at) {
  const auto letters = dead_letters(at);
  if (!letters) return report(letters.error());
  std::size_t done = 0;
  std::size_t failed = 0;
  for (const auto& one : *letters) {
    const auto number = one.is_object() ? text_in(one.get_object(), "number") : std::string{};
    const auto answer = replay(at, number);
    if (answer) {
      ++done;
      if (const auto printed = show_replayed(at, *answer); printed != exit_code::ok) return printed;
      continue;
    }
    ++failed;
    note("error: " + printable(number) + ": " + answer.error().text + "\n");
    if (answer.error().code == exit_code::unreachable) break;
  }
  note(fmt::format("replayed {} of {}; failed: {}\n", done, letters->size(), failed));
  if (failed == 0) return exit_code::ok;
  return done > 0 ? exit_code::partly_done : exit_code::failure;
}

}  // namespace

exit_code list_events(const daemon& of, const events_options& how) {
  if (how.dead) return list_dead(of);
  const growing_list taken{.path = std::string{events_path},
                           .member = "events",
                           .header = columns("AT", "VERDICT", "TYPE", "SOURCE", "ID  EFFECT"),
                           .line = describe};
  return print_list(of, taken, "", how.follow);
}

exit_code replay_events(const daemon& at, const replay_options& how) {
  if (how.number.has_value() == how.all)
    return report({exit_code::usage, "expected the NUMBER of a dead letter, or --all"});
  if (how.all) return replay_all(at);
  const auto done = replay(at, *how.number);
  return done ? show_replayed(at, *done) : report(done.error());
}

}  // namespace ctxcache::client
