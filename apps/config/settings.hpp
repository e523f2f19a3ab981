#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "config/convert.hpp"
#include "config/daemon_config.hpp"

namespace ctxcache::config {

/// How a setting is written.
enum class kind { truth, duration, bytes, count, fraction, number, text, path, url, choice, list };

/// Where a setting is kept.
using field =
    std::variant<bool daemon_config::*, std::size_t daemon_config::*, std::string daemon_config::*,
                 std::chrono::milliseconds daemon_config::*, bool cache_settings::*,
                 std::size_t cache_settings::*, double cache_settings::*,
                 std::chrono::milliseconds cache_settings::*, std::vector<std::string> cache_settings::*,
                 bool fleet_settings::*, std::size_t fleet_settings::*, std::string fleet_settings::*,
                 std::chrono::milliseconds fleet_constants::*, std::size_t warming_config::*,
                 double warming_config::*, std::chrono::milliseconds warming_config::*, bool intake_config::*,
                 std::size_t intake_config::*, std::chrono::milliseconds intake_config::*>;

/// One setting. File, environment, flags, `config show`, docs/config.md, completion and man page
/// all come from the one table of these.
struct setting {
  std::string_view name;  ///< "l1_cache_ttl"; "coherence.licence" stands in the table [coherence] of the file
  kind how;
  field where;
  bool reloadable;  ///< SIGHUP suffices; else the daemon must be restarted
  std::string_view doc;
  bounds allowed{};
  /// The ones that are not empty. A choice kept as a bool has two; the second is true.
  std::array<std::string_view, 6> choices{};
};

[[nodiscard]] std::span<const setting> settings();
[[nodiscard]] const setting* find_setting(std::string_view name);

/// Its place in `settings()`.
[[nodiscard]] std::size_t index(const setting& one);

/// The table of the file it stands in, "coherence"; empty for most.
[[nodiscard]] std::string_view table_of(const setting& one);
/// What it is called there, "licence".
[[nodiscard]] std::string_view key_of(const setting& one);
/// "CTXCACHE_L1_CACHE_TTL", "CTXCACHE_COHERENCE_LICENCE".
[[nodiscard]] std::string environment_name(const setting& one);
/// "--l1-cache-ttl", "--coherence-licence".
[[nodiscard]] std::string flag_name(const setting& one);
[[nodiscard]] std::vector<std::string_view> choices_of(const setting& one);

/// The value of an environment variable or flag, as the file would have it.
[[nodiscard]] node from_text(const setting& one, const std::string& text, place at);
/// Puts a value in its place, or says why it cannot be.
[[nodiscard]] std::optional<complaint> assign(daemon_config& config, const setting& one, const node& value);
/// The value as a user would write it, without secrets. Lists are separated by commas.
[[nodiscard]] std::string show(const daemon_config& config, const setting& one);

[[nodiscard]] bool differs(const daemon_config& a, const daemon_config& b, const setting& one);

/// The names of the settings and tables that differ and take effect only at the next start.
[[nodiscard]] std::vector<std::string> needing_restart(const daemon_config& running,
                                                       const daemon_config& wanted);

}  // namespace ctxcache::config
