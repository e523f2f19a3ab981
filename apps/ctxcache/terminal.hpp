#pragma once

#include <string>
#include <string_view>

namespace ctxcache::client {

/// What the standard streams are connected to.
struct terminal {
  bool reads = false;   ///< a person can answer on stdin
  bool shows = false;   ///< stdout is a screen
  bool tells = false;   ///< stderr is a screen
  bool colour = false;  ///< stdout is a screen, and NO_COLOR is not set
};
[[nodiscard]] terminal look_at_terminal();

enum class tint { bold, green, red };
/// The text in a colour, or as it is on a terminal without.
[[nodiscard]] std::string tinted(const terminal& on, tint how, std::string_view text);

/// Control bytes of what others sent become `?`, so that they cannot drive the user's terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace ctxcache::client
