#include "config/settings_page.hpp"

#include "config/settings.hpp"

namespace ctxcache::config {
namespace {

std::string default_of(const setting& one) {
  static const daemon_config defaults;
  return show(defaults, one);
}

}  // namespace

std::string settings_page() {
  std::string made = "| setting | default | new value taken at | meaning |\n|---|---|---|---|\n";
  for (const auto& one : settings()) {
    const auto value = default_of(one);
    made += "| `" + std::string{one.name} + "` | " + (value.empty() ? "none" : "`" + value + "`") + " | " +
            (one.reloadable ? "reload" : "restart") + " | " + std::string{one.doc} + " |\n";
  }
  return made;
}

}  // namespace ctxcache::config
