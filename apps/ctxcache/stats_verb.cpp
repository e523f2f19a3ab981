#include "stats_table.hpp"
#include "verbs.hpp"

namespace ctxcache::client {

exit_code show_stats(const daemon& of) {
  const auto answer = ask_json(of, {.path = std::string{stats_path}});
  if (!answer) return report(answer.error());
  return of.as_json ? print_json(*answer) : print(stats_table(*answer));
}

}  // namespace ctxcache::client
