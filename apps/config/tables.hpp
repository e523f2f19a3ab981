#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "config/load.hpp"
#include "config/node.hpp"

namespace ctxcache::config {

/// The providers that other tables may name, with their types where those are right.
using known_providers = std::map<std::string, std::optional<provider_kind>, std::less<>>;

/// Reads all `[provider.NAME]` into `made`: configuration, errors and shown values.
[[nodiscard]] known_providers read_providers(const member& tables, const environment& variables,
                                             loaded& made);

/// Reads all `[section.NAME]` into `made`, when its agent types are final.
void read_sections(const member& tables, const known_providers& providers, loaded& made);

/// The same of the other tables, each after those that it may name.
void read_segments(const member& tables, const known_providers& providers, loaded& made);
void read_event_rules(const member& tables, loaded& made);
void read_schedules(const member& tables, loaded& made);
void read_signatures(const member& tables, const environment& variables, loaded& made);
void read_change_sources(const member& tables, const known_providers& providers, loaded& made);

}  // namespace ctxcache::config
