#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exit_code.hpp"

namespace ctxcache::client {

/// Exactly one of tables, uninstall and derive is given.
struct install_triggers_options {
  std::vector<std::string> tables;  ///< "[SCHEMA.]TABLE:COLUMN[,COLUMN]"
  bool uninstall = false;
  std::optional<std::string> derive;    ///< a configuration file
  std::optional<std::string> provider;  ///< of it, if it has several of PostgreSQL
  std::string schema = "public";        ///< of the outbox
};
/// Prints the SQL that makes PostgreSQL write down its changes, takes that away again, or lists the tables
/// that sections read.
[[nodiscard]] exit_code install_triggers(const install_triggers_options& how);

}  // namespace ctxcache::client
