#include "redis/wire.hpp"

namespace ctxcache::sim {

void wire::suffer(const faults& from_now_on) {
  faults_ = from_now_on;
  if (faults_.refused) backlog_.clear();
  if (faults_.deaf) return;
  for (const auto& request : std::exchange(backlog_, {})) request();
}

void wire::break_all() {
  ++session_;
  for (const auto& one : std::exchange(asked_, {})) {
    if (const auto asked = one.lock()) asked->fail(errc::l2_unavailable);
  }
}

void wire::lead_to(std::shared_ptr<server> other) {
  to_ = std::move(other);
  break_all();
}

void wire::keep(const std::shared_ptr<question>& asked) {
  constexpr std::size_t answered_max = 64;
  if (asked_.size() >= answered_max) std::erase_if(asked_, [](const auto& one) { return one.expired(); });
  asked_.push_back(asked);
}

}  // namespace ctxcache::sim
