#include "core/census.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/run_on.hpp"
#include "core/fleet_test_support.hpp"

namespace ctxcache::test {
namespace {

using namespace std::chrono_literals;

// What all see, and each one's way to it.
struct fake_hall {
  std::vector<std::string> registered;
  std::vector<roll_call::question> asked;
  std::map<std::string, std::vector<roll_call::answer>> said;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting;  // for a question

  void wake() {
    for (const auto& one : std::exchange(waiting, {})) one->cancel();
  }
};

class fake_roll_call final : public roll_call {
 public:
  fake_roll_call(std::shared_ptr<fake_hall> hall, boost::asio::any_io_executor home)
      : hall_(std::move(hall)), home_(std::move(home)) {}

  bool deaf = false;
  bool down = false;

  boost::asio::awaitable<result<opened>> ask(scope what, deadline) override {
    if (down) co_return errc::l2_unavailable;
    opened done{.id = std::to_string(hall_->asked.size()), .members = hall_->registered};
    hall_->asked.push_back({done.id, std::move(what)});
    hall_->wake();
    co_return done;
  }
  boost::asio::awaitable<result<std::vector<answer>>> answers(std::string id, deadline) override {
    co_return hall_->said[id];
  }
  boost::asio::awaitable<result<std::vector<question>>> next(std::chrono::milliseconds) override {
    const auto heard = [this] { return !deaf && heard_ < hall_->asked.size(); };
    while (!stopped_ && !heard()) {
      const auto woken = std::make_shared<boost::asio::steady_timer>(home_, std::chrono::hours{1});
      hall_->waiting.push_back(woken);
      co_await woken->async_wait(quietly);
    }
    std::vector<question> found;
    while (heard()) found.push_back(hall_->asked[heard_++]);
    co_return found;
  }
  boost::asio::awaitable<result<void>> say(std::string id, answer mine, deadline) override {
    hall_->said[id].push_back(std::move(mine));
    co_return result<void>{};
  }
  boost::asio::awaitable<void> stop() override {
    stopped_ = true;
    hall_->wake();
    co_return;
  }

 private:
  std::shared_ptr<fake_hall> hall_;
  const boost::asio::any_io_executor home_;
  bool stopped_ = false;
  std::size_t heard_ = 0;
};

class dry_run : public fleet {
 protected:
  struct attendant {
    process at;
    fake_roll_call* way;
  };
  attendant attend() {
    auto store = std::make_unique<fake_log_store>(log, time);
    auto roll = std::make_unique<fake_roll_call>(hall, loop.get_executor());
    auto* const stores = store.get();
    auto* const way = roll.get();
    auto& cache =
        start({}, {.source = source, .time = &time, .log = std::move(store), .roll = std::move(roll)});
    EXPECT_TRUE(run(cache.start(deadline::after(time.now(), 10s))));
    hall->registered.push_back(cache.fleet().member);
    return {{&cache, stores, cache.fleet().member}, way};
  }
  preview asks(const attendant& one, scope what) {
    std::optional<preview> found;
    boost::asio::co_spawn(loop, one.at.cache->preview_of(std::move(what), {}),
                          [&](std::exception_ptr, preview got) { found = std::move(got); });
    // A question that waits for somebody waits by this clock.
    EXPECT_TRUE(comes_true([&] {
      pass(10ms);
      return found.has_value();
    }));
    return found.value_or(preview{});
  }
  static std::optional<std::size_t> held_by(const attendant& one, const preview& found) {
    const auto held = std::ranges::find(found.l1, one.at.id, &preview::holding::member);
    return held == found.l1.end() ? 999 : held->entries;
  }

  std::shared_ptr<fake_hall> hall = std::make_shared<fake_hall>();
};

TEST_F(dry_run, counts_in_every_process_and_changes_nothing) {
  const auto one = attend(), other = attend(), third = attend();
  for (const auto& wanted : {support, talk, billing}) EXPECT_EQ(from(other.at, wanted), origin::provider);
  EXPECT_EQ(from(third.at, billing), origin::l2);
  const auto found = asks(one, of("cust_1"));
  EXPECT_EQ(found.l1.size(), 3U);
  EXPECT_EQ(found.l1.front().member, one.at.id);
  EXPECT_EQ(held_by(one, found), 0U);
  EXPECT_EQ(held_by(other, found), 3U);
  EXPECT_EQ(held_by(third, found), 1U);
  EXPECT_EQ(found.matched_l1, 0U);
  EXPECT_EQ(held_by(other, asks(one, of("cust_1", "support"))), 2U);
  EXPECT_EQ(from(other.at, talk), origin::l1);
  EXPECT_EQ(other.at.cache->at().sequence, 0U) << "nothing of it is in the log";
}

TEST_F(dry_run, expects_as_many_loads_as_the_fullest_place_has) {
  const auto one = attend(), other = attend();
  for (const auto& wanted : {support, talk}) EXPECT_EQ(from(other.at, wanted), origin::provider);
  std::vector<key> gone{support, talk};
  EXPECT_EQ(*run(l2->unlink(std::move(gone), {1, 1}, {})), 2U);
  const auto found = asks(one, of("cust_1"));
  EXPECT_EQ(found.matched_l2, 0U);
  EXPECT_EQ(found.expected_loads, 2U);
}

TEST_F(dry_run, names_who_does_not_answer_and_waits_for_it_no_second_time) {
  const auto one = attend(), other = attend(), third = attend();
  third.way->deaf = true;
  const auto begun = time.now();
  const auto found = asks(one, of("cust_1"));
  EXPECT_EQ(held_by(other, found), 0U);
  EXPECT_EQ(held_by(third, found), std::nullopt);
  EXPECT_GE(time.now() - begun, 1s);
  const auto again = time.now();
  EXPECT_EQ(held_by(third, asks(one, of("cust_1"))), std::nullopt);
  EXPECT_LT(time.now() - again, 1s);
  third.way->deaf = false;
  pass(5s);
  EXPECT_EQ(held_by(third, asks(one, of("cust_1"))), 0U);
}

TEST_F(dry_run, counts_what_it_can_when_nobody_can_be_asked) {
  const auto one = attend();
  attend();
  EXPECT_EQ(from(one.at, support), origin::provider);
  one.way->down = true;
  const auto found = asks(one, of("cust_1"));
  ASSERT_EQ(found.l1.size(), 1U);
  EXPECT_EQ(held_by(one, found), 1U);
}

}  // namespace
}  // namespace ctxcache::test
