#pragma once

#include <string>

namespace ctxcache::config {

/// The table of settings as docs/config.md has it, in Markdown.
[[nodiscard]] std::string settings_page();

}  // namespace ctxcache::config
