#include "flight/flight.hpp"

#include <utility>

#include "base/assert.hpp"

namespace ctxcache::flight {

flight::seat flight::board(std::function<void()> wake) {
  CTX_ASSERT(!landed());
  return waiting_.insert(waiting_.end(), std::move(wake));
}

void flight::leave(seat taken) {
  CTX_ASSERT(!landed());
  waiting_.erase(taken);
}

const landing& flight::outcome() const {
  CTX_ASSERT(landed());
  return *landing_;
}

void flight::land(landing how) {
  CTX_ASSERT(!landed());
  landing_ = std::move(how);
  const auto woken = std::exchange(waiting_, {});
  for (const auto& wake : woken) wake();
}

table::joined table::join(const key& wanted) {
  auto& slot = flights_[wanted.text()];
  const bool leads = slot == nullptr;
  if (leads) slot = std::make_shared<flight>();
  return {slot, leads};
}

void table::land(const key& wanted, landing how) {
  const auto found = flights_.find(wanted.text());
  CTX_ASSERT(found != flights_.end());
  const auto landed = std::move(found->second);
  // Off the table first: whoever is woken and asks again starts a new load instead of joining this one.
  flights_.erase(found);
  landed->land(std::move(how));
}

}  // namespace ctxcache::flight
