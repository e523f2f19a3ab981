#include "changes/merger.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "changes/changes_test_support.hpp"

namespace ctxcache::changes {
namespace {

using namespace std::chrono_literals;
using verdict = outcome::verdict;

/// An L2 whose `unlink` waits: the invalidation has been published by then, and has not been answered.
class held_l2 final : public l2_cache {
 public:
  held_l2(std::shared_ptr<ctxcache::test::fake_l2> to, const boost::asio::any_io_executor& home)
      : to_(std::move(to)), pause_(home, std::chrono::hours{1}) {}

  bool held = true;
  bool reached = false;
  void release() {
    held = false;
    pause_.cancel();
  }

  boost::asio::awaitable<result<hit>> get(key wanted, deadline until) override {
    return to_->get(std::move(wanted), until);
  }
  boost::asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted,
                                                            deadline until) override {
    return to_->get_many(std::move(wanted), until);
  }
  boost::asio::awaitable<result<bool>> put(key where, entry_ptr value, deadline until) override {
    return to_->put(std::move(where), std::move(value), until);
  }
  boost::asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone, position before,
                                                     deadline until) override {
    reached = true;
    if (held) co_await pause_.async_wait(quietly);
    co_return co_await to_->unlink(std::move(gone), before, until);
  }
  boost::asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor, deadline until) override {
    return to_->scan(std::move(glob), cursor, until);
  }
  [[nodiscard]] health report() const override { return to_->report(); }
  boost::asio::awaitable<void> stop() override { co_return; }

 private:
  std::shared_ptr<ctxcache::test::fake_l2> to_;
  timer pause_;
};

class merging : public test::intake_fixture {
 protected:
  std::shared_ptr<std::optional<outcome>> begin(intake& into, change one, deadline until = {}) {
    auto out = std::make_shared<std::optional<outcome>>();
    boost::asio::co_spawn(loop, into.take(std::move(one), until),
                          [out](std::exception_ptr, outcome got) { *out = std::move(got); });
    settle();
    return out;
  }
  // An orchestrator whose invalidations wait between publication and answer.
  orchestrator& start_held() {
    orchestrator::parts with{.source = source, .time = &time};
    auto tier = std::make_unique<held_l2>(l2, loop.get_executor());
    tier_of_it = tier.get();
    with.lanes.push_back({loop.get_executor(), std::move(tier)});
    made.push_back(std::make_unique<orchestrator>(cache_settings{}, std::move(with)));
    return *made.back();
  }
  void run_until(const std::function<bool()>& true_now) {
    loop.restart();
    while (!true_now()) loop.run_one();
  }

  held_l2* tier_of_it = nullptr;
};

TEST_F(merging, makes_one_invalidation_of_those_of_one_scope) {
  auto& events = open();
  const auto all =
      take_all(events, {about("ticket.created", "1"), about("ticket.updated", "2"), about("ticket.closed")});
  for (const auto& one : all) {
    EXPECT_EQ(one.what, verdict::invalidated);
    EXPECT_EQ(one.receipts.at(0).at, all[0].receipts.at(0).at);
  }
  EXPECT_EQ(events.stats().invalidated, 3u);
  EXPECT_EQ(events.stats().merged, 2u);
}

TEST_F(merging, keeps_other_scopes_apart) {
  auto& events = open();
  const auto all =
      take_all(events, {about("ticket.created"), about("payment.received"), about("plan.changed")});
  EXPECT_NE(all[0].receipts.at(0).at, all[1].receipts.at(0).at);
  EXPECT_NE(all[1].receipts.at(0).at, all[2].receipts.at(0).at);
  EXPECT_EQ(events.stats().merged, 0u);
}

TEST_F(merging, ends_with_the_window) {
  auto& events = open();
  const auto first = take(events, about("ticket.created"));
  const auto second = take(events, about("ticket.created"));
  EXPECT_NE(first.receipts.at(0).at, second.receipts.at(0).at);
}

TEST_F(merging, is_off_without_a_window) {
  auto& events = open(start(), store, {.rules = {}, .merge_window = 0ms});
  const auto all = take_all(events, {about("ticket.created"), about("ticket.created")});
  EXPECT_NE(all[0].receipts.at(0).at, all[1].receipts.at(0).at);
  EXPECT_EQ(events.stats().merged, 0u);
}

// What has changed since the publication is not covered by it.
TEST_F(merging, never_joins_an_invalidation_whose_publication_has_begun) {
  auto& events = open(start_held(), store);
  const auto first = begin(events, about("ticket.created"));
  run_until([&] { return tier_of_it->reached; });
  const auto second = begin(events, about("ticket.created"));
  EXPECT_FALSE(*first);
  tier_of_it->release();
  run_until([&] { return *first && *second; });
  EXPECT_NE((*first)->receipts.at(0).at, (*second)->receipts.at(0).at);
  EXPECT_EQ(events.stats().merged, 0u);
}

TEST_F(merging, is_as_patient_as_the_most_patient_of_its_events) {
  auto& events = open(start_held(), store);
  const auto first = begin(events, about("ticket.created"), {time.now() + 1ms});
  const auto second = begin(events, about("ticket.created"));
  run_until([&] { return first->has_value(); });
  EXPECT_EQ((*first)->error, errc::deadline_exceeded);
  run_until([&] { return tier_of_it->reached; });
  tier_of_it->release();
  run_until([&] { return second->has_value(); });
  EXPECT_EQ((*second)->what, verdict::invalidated);
}

TEST_F(merging, ends_what_it_has_begun_when_it_is_stopped) {
  auto& events = open();
  const auto one = begin(events, about("ticket.created"));
  run(events.stop());
  settle();
  ASSERT_TRUE(*one);
  EXPECT_EQ((*one)->what, verdict::invalidated);
}

}  // namespace
}  // namespace ctxcache::changes
