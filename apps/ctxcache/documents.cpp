#include "documents.hpp"

#include "cli.hpp"
#include "daemon.hpp"

namespace ctxcache::client {
namespace {

constexpr auto client_extra = R"(.SH EXIT STATUS
.TP
0
Done.
.TP
1
Failed.
.TP
2
The arguments make no sense.
.TP
3
Not found, or not cached.
.TP
4
Not allowed.
.TP
5
The daemon could not be reached, or did not answer in time.
.TP
6
Partly done.
.SH ENVIRONMENT
.TP
CTXCACHE_URL
Where the daemon is, unless \-\-url says it.
.TP
NO_COLOR
When it is set, nothing is coloured.
.SH SEE ALSO
.BR ctxcached (1)
)";

constexpr auto daemon_extra = R"(.SH CONFIGURATION
Each setting is also a key of the file and an environment variable: \-\-l1\-cache\-ttl is l1_cache_ttl in the
file and CTXCACHE_L1_CACHE_TTL in the environment. Flags win over the environment, and that over the file.
.SH SIGNALS
.TP
SIGHUP
Reads the configuration again. A file with mistakes changes nothing.
.TP
SIGTERM, SIGINT
Ends the requests under way, then the daemon.
.SH SEE ALSO
.BR ctxcache (1)
)";

}  // namespace

exit_code print_completion(const std::string& shell) {
  const std::vector<command_text> programs{client_text(), daemon_text()};
  if (shell == "bash") return print(bash_completion(programs));
  return print(shell == "zsh" ? zsh_completion(programs) : fish_completion(programs));
}

exit_code print_man_page(const std::string& program) {
  return program == "ctxcached" ? print(man_page(daemon_text(), daemon_extra))
                                : print(man_page(client_text(), client_extra));
}

}  // namespace ctxcache::client
