#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

namespace ctxcache::log {

enum class format { text, json };

struct options {
  std::string level = "info";  ///< trace, debug, info, warn, error or off
  format how = format::text;
};

/// Sends the default logger to stderr. Until then nothing is logged, which is what an embedder wants.
void start(const options& how);

/// Values that end up in a log line are quoted by these; ids never are: pass a hash (`log::id`).
/// A keyed hash of an id, 8 hexadecimal digits, stable within the process; the id itself when
/// `show_ids(true)`.
[[nodiscard]] std::string id(std::string_view customer_id);
void show_ids(bool on) noexcept;

/// The logger of the library; set up by `start`, silent before.
[[nodiscard]] spdlog::logger& out() noexcept;

}  // namespace ctxcache::log
