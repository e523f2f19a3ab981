#include "providers/health_record.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/log.hpp"

namespace ctxcache::providers {
namespace {

// A provider that is down fails every request; the log need not say so each time.
constexpr std::chrono::seconds log_pause{10};

}  // namespace

section_answer nothing(section_shape shape) {
  return {.json = shape == section_shape::rows ? "[]" : "null", .empty = true};
}

void health_record::note(const outcome& came, std::string_view section) {
  const std::scoped_lock lock{mutex_};
  if (came.answer) {
    if (!up_) log::out().info("{} answers again", subject_);
    up_ = true;
    return;
  }
  // One that answers with an error is up: its data or our query is at fault.
  const auto error = came.answer.error();
  up_ = error == errc::provider_failed;
  last_error_ = fmt::format("section {}: {}", section, came.why.empty() ? error.message() : came.why);
  if (const auto now = boot_clock::now(); now >= quiet_until_) {
    quiet_until_ = now + log_pause;
    log::out().warn("{}, {} ({})", subject_, last_error_, code_name(error));
  }
}

provider::health health_record::read() const {
  const std::scoped_lock lock{mutex_};
  return {.up = up_, .detail = last_error_.empty() ? subject_ : subject_ + "; last error: " + last_error_};
}

}  // namespace ctxcache::providers
