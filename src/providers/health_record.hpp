#pragma once

#include <mutex>
#include <string>

#include "ctxcache/clock.hpp"
#include "ctxcache/error.hpp"
#include "ctxcache/provider.hpp"

namespace ctxcache::providers {

/// What asking came to. `why` explains a failure to the log: it holds no value, no id and no secret.
struct outcome {
  result<section_answer> answer;
  std::string why{};
};

/// No row, or 404: what an empty section holds.
[[nodiscard]] section_answer nothing(section_shape shape);

/// How a provider fares, for `report()`, and for the log at a bounded rate. Safe to call from every thread.
class health_record {
 public:
  /// `subject` names the provider: kind, name and address, without secrets.
  explicit health_record(std::string subject) : subject_(std::move(subject)) {}

  void note(const outcome& came, std::string_view section);
  [[nodiscard]] provider::health read() const;

 private:
  const std::string subject_;
  mutable std::mutex mutex_;
  bool up_ = true;          // Guarded by mutex_.
  std::string last_error_;  // Guarded by mutex_.
  time_point quiet_until_;  // Guarded by mutex_.
};

}  // namespace ctxcache::providers
