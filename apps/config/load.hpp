#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/daemon_config.hpp"
#include "config/place.hpp"
#include "config/secrets.hpp"

namespace ctxcache::config {

/// Where values come from: flags over environment over file over profile over defaults.
struct sources {
  std::optional<std::string> file;  ///< path of a TOML file; without one the rest is a working setup
  environment variables;            ///< the whole environment, also for `${NAME}`
  std::vector<std::pair<std::string, std::string>> flags;  ///< {"--l1-cache-ttl", "30s"}; empty: true
};

/// One effective value as `config show` prints it, without secrets.
struct shown_value {
  std::string name;    ///< "l1_cache_ttl", "provider.crm.url"
  std::string value;   ///< "30s"
  std::string origin;  ///< "default", "profile production", "ctxcache.toml:12", "flag --l1-cache-ttl", …
};

struct loaded {
  daemon_config config;  ///< to be used only when `ok()`
  std::vector<problem> errors;
  std::vector<problem> warnings;
  std::vector<shown_value> values;

  [[nodiscard]] bool ok() const { return errors.empty(); }
};

/// Reads and checks everything; all that is wrong is reported at once, in the order of the file. Never
/// throws.
[[nodiscard]] loaded load(const sources& from);

}  // namespace ctxcache::config
