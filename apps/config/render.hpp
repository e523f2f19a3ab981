#pragma once

#include <string>

namespace ctxcache::config {

/// The table of settings as docs/config.md has it, in Markdown.
[[nodiscard]] std::string settings_page();

/// One line for each flag of the daemon, with its default, for `ctxcached --help`.
[[nodiscard]] std::string flags_help();

}  // namespace ctxcache::config
