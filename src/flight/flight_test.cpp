#include "flight/flight.hpp"

#include <gtest/gtest.h>

namespace ctxcache::flight {
namespace {

const key wanted = *key::make({"cust_1", "support"});
const key other = *key::make({"cust_2", "support"});

TEST(flight, the_first_leads_and_the_others_join_it) {
  table flights;
  const auto first = flights.join(wanted);
  const auto second = flights.join(wanted);
  EXPECT_TRUE(first.leads);
  EXPECT_FALSE(second.leads);
  EXPECT_EQ(first.on, second.on);
  EXPECT_TRUE(flights.join(other).leads);
  EXPECT_EQ(flights.size(), 2u);
}

TEST(flight, landing_wakes_everyone_once_with_the_outcome) {
  table flights;
  const auto on = flights.join(wanted).on;
  int woken = 0;
  const auto first = on->board([&] { ++woken; });
  const auto second = on->board([&] { ++woken; });
  EXPECT_NE(first, second);
  flights.land(wanted, {.answer = errc::customer_unknown, .l2_missed = true});
  EXPECT_EQ(woken, 2);
  EXPECT_TRUE(on->landed());
  EXPECT_EQ(on->outcome().answer.error(), errc::customer_unknown);
  EXPECT_TRUE(on->outcome().l2_missed);
}

TEST(flight, who_left_is_not_woken_and_the_rest_are) {
  table flights;
  const auto on = flights.join(wanted).on;
  int woken = 0;
  const auto gone = on->board([&] { woken += 10; });
  const auto stays = on->board([&] { woken += 1; });
  EXPECT_NE(gone, stays);
  on->leave(gone);
  EXPECT_EQ(on->waiting(), 1u);
  flights.land(wanted, {});
  EXPECT_EQ(woken, 1);
}

TEST(flight, who_is_woken_and_asks_again_leads_a_new_load) {
  table flights;
  const auto on = flights.join(wanted).on;
  bool led = false;
  const auto seat = on->board([&] { led = flights.join(wanted).leads; });
  EXPECT_EQ(on->waiting(), 1u);
  static_cast<void>(seat);
  flights.land(wanted, {});
  EXPECT_TRUE(led);
  EXPECT_TRUE(flights.contains(wanted));
}

}  // namespace
}  // namespace ctxcache::flight
