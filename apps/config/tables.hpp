#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "config/load.hpp"
#include "config/node.hpp"

namespace ctxcache::config {

/// The providers a section may name, with their types where those are right.
using known_providers = std::map<std::string, std::optional<provider_kind>, std::less<>>;

/// Reads all `[provider.NAME]` into `made`: configuration, errors and shown values.
[[nodiscard]] known_providers read_providers(const member& tables, const environment& variables,
                                             loaded& made);

/// Reads all `[section.NAME]` into `made`, when its agent types are final.
void read_sections(const member& tables, const known_providers& providers, loaded& made);

}  // namespace ctxcache::config
