#include <boost/json/array.hpp>

#include "own_config.hpp"
#include "text_table.hpp"
#include "verbs.hpp"

namespace ctxcache::client {
namespace {

namespace json = boost::json;

json::array to_json(const std::vector<config::problem>& problems) {
  json::array made;
  for (const auto& one : problems) {
    made.push_back({{"source", one.at.source},
                    {"line", one.at.line},
                    {"column", one.at.column},
                    {"message", one.message}});
  }
  return made;
}

}  // namespace

exit_code check_config(const config_options& how) {
  const auto made = load_config(how.file);
  const auto verdict = made.ok() ? exit_code::ok : exit_code::failure;
  if (how.as_json) {
    const auto printed =
        print_json(json::object{{"errors", to_json(made.errors)}, {"warnings", to_json(made.warnings)}});
    return printed == exit_code::ok ? verdict : printed;
  }
  note_problems(made);
  return made.ok() ? print("ok\n") : verdict;
}

exit_code show_config(const config_options& how) {
  const auto made = load_config(how.file);
  note_problems(made);
  if (!made.ok()) return exit_code::failure;
  json::array list;
  std::vector<text_row> rows;
  for (const auto& one : made.values) {
    list.push_back({{"name", one.name}, {"value", one.value}, {"origin", one.origin}});
    rows.push_back({one.name, one.value.empty() ? "-" : printable(one.value), one.origin});
  }
  return how.as_json ? print_json(list) : print(format_table(rows));
}

}  // namespace ctxcache::client
