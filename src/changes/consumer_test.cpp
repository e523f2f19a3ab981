#include "changes/consumer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "changes/changes_test_support.hpp"

namespace ctxcache::changes {
namespace {

using namespace std::chrono_literals;

/// Rows that wait, as an outbox in a database: what is not confirmed is given again, to whoever asks.
struct fake_outbox {
  std::vector<change> rows;
  std::size_t confirmed = 0;
  int confirmations = 0;
  std::optional<error_code> failure;          ///< of `next`
  std::optional<error_code> confirm_failure;  ///< of `confirm`
};

class fake_source_of_changes final : public change_source {
 public:
  fake_source_of_changes(std::shared_ptr<fake_outbox> from, const boost::asio::any_io_executor& home,
                         const clock& time)
      : from_(std::move(from)), time_(time), bell_(home) {}

  boost::asio::awaitable<result<batch>> next(deadline until) override {
    while (!stopped_ && !until.passed(time_.now())) {
      if (from_->failure) co_return *from_->failure;
      if (!from_->rows.empty()) co_return first_rows();
      bell_.expires_after(1ms);
      co_await bell_.async_wait(quietly);
    }
    if (stopped_) co_return errc::shutting_down;
    co_return batch{};
  }
  boost::asio::awaitable<result<void>> confirm(std::string upto, deadline) override {
    if (from_->confirm_failure) co_return *from_->confirm_failure;
    const auto count = std::stoul(upto);
    from_->rows.erase(from_->rows.begin(), from_->rows.begin() + static_cast<std::ptrdiff_t>(count));
    from_->confirmed += count;
    ++from_->confirmations;
    co_return result<void>{};
  }
  [[nodiscard]] std::string name() const override { return "outbox of a test"; }
  boost::asio::awaitable<void> stop() override {
    stopped_ = true;
    bell_.cancel();
    co_return;
  }

 private:
  batch first_rows() const {
    const auto count = std::min<std::size_t>(from_->rows.size(), 1'000);
    return {{from_->rows.begin(), from_->rows.begin() + static_cast<std::ptrdiff_t>(count)},
            std::to_string(count)};
  }

  std::shared_ptr<fake_outbox> from_;
  const clock& time_;
  timer bell_;
  bool stopped_ = false;
};

class a_consumer : public test::intake_fixture {
 protected:
  void TearDown() override {
    for (auto& one : consumers) run(one->stop());
    consumers.clear();
    intake_fixture::TearDown();
  }

  consumer& consume(intake& into, std::string holder, const std::shared_ptr<shared_store>& with) {
    consumers.push_back(std::make_unique<consumer>(
        into, consumer_parts{
                  .name = "crm",
                  .source = std::make_unique<fake_source_of_changes>(outbox, loop.get_executor(), time),
                  .shared = with,
                  .holder = std::move(holder),
                  .home = loop.get_executor(),
                  .time = &time,
                  .times = {.term = term, .renewal = 10ms, .backoff = 1ms, .backoff_max = 5ms},
              }));
    consumers.back()->begin();
    return *consumers.back();
  }
  void insert(int rows, const std::string& type = "ticket.created") {
    for (int i = 0; i < rows; ++i) {
      const auto number = std::to_string(++inserted);
      outbox->rows.push_back({.type = type,
                              .source = "outbox",
                              .id = number,
                              .document = R"({"customer_id":"cust_)" + number + "\"}"});
    }
  }
  void run_until(const std::function<bool()>& true_now) {
    loop.restart();
    while (!true_now()) loop.run_one();
  }
  void run_until_confirmed(std::size_t rows) {
    run_until([this, rows] { return outbox->confirmed == rows; });
    settle();
  }

  static constexpr auto term = 5s;
  std::shared_ptr<test::store_of_process> first_store = std::make_shared<test::store_of_process>(shared);
  std::shared_ptr<test::store_of_process> second_store = std::make_shared<test::store_of_process>(shared);
  std::shared_ptr<fake_outbox> outbox = std::make_shared<fake_outbox>();
  std::vector<std::unique_ptr<consumer>> consumers;
  int inserted = 0;
};

TEST_F(a_consumer, applies_what_its_source_says) {
  auto& cache = start();
  auto& events = open(cache, store);
  ASSERT_TRUE(get(cache, support));
  source->truth = R"({"version":2})";
  const auto& one = consume(events, "a", first_store);
  insert(3);
  run_until_confirmed(3);
  EXPECT_EQ(get(cache, support)->value->body, source->truth);
  const auto status = one.report();
  EXPECT_EQ(status.name, "crm");
  EXPECT_EQ(status.source, "outbox of a test");
  EXPECT_TRUE(status.holding);
  EXPECT_EQ(status.applied, 3u);
  EXPECT_FALSE(status.error);
}

TEST_F(a_consumer, misses_nothing_of_what_came_while_it_was_down) {
  insert(2'500);
  auto& events = open();
  consume(events, "a", first_store);
  run_until_confirmed(2'500);
  EXPECT_EQ(events.stats().invalidated, 2'500u);
  EXPECT_EQ(outbox->confirmations, 3);
}

TEST_F(a_consumer, confirms_what_is_ignored_or_never_can_be_applied) {
  insert(1, "of.no.rule");
  insert(1, "ticket.created");
  outbox->rows.back().document = "{}";
  auto& events = open();
  consume(events, "a", first_store);
  run_until_confirmed(2);
  EXPECT_EQ(events.stats().ignored, 1u);
  EXPECT_EQ(letters(events).size(), 1u);
}

TEST_F(a_consumer, confirms_nothing_that_has_failed_and_tries_it_again) {
  insert(2);
  outbox->rows.back().document = "{}";  // a dead letter, which cannot be kept while the store is down
  auto& events = open();
  store->down = true;
  const auto& one = consume(events, "a", first_store);
  run_until([&] { return events.stats().failed > 2; });
  EXPECT_EQ(outbox->confirmed, 0u);
  EXPECT_EQ(one.report().error, errc::l2_unavailable);
  store->down = false;
  run_until_confirmed(2);
  EXPECT_EQ(events.stats().invalidated, 1u) << "what has taken effect is not tried again";
  EXPECT_FALSE(one.report().error);
}

TEST_F(a_consumer, goes_on_when_its_source_is_back) {
  outbox->failure = errc::provider_unavailable;
  const auto& one = consume(open(), "a", first_store);
  run_until([&] { return one.report().error.has_value(); });
  EXPECT_EQ(one.report().error, errc::provider_unavailable);
  insert(1);
  outbox->failure.reset();
  run_until_confirmed(1);
  EXPECT_FALSE(one.report().error);
}

TEST_F(a_consumer, applies_again_what_could_not_be_confirmed) {
  outbox->confirm_failure = errc::provider_unavailable;
  auto& events = open();
  const auto& one = consume(events, "a", first_store);
  insert(1);
  run_until([&] { return events.stats().duplicate > 0; });
  EXPECT_EQ(one.report().applied, 0u);
  outbox->confirm_failure.reset();
  run_until_confirmed(1);
  EXPECT_EQ(events.stats().invalidated, 1u);
}

TEST_F(a_consumer, is_the_only_one_of_its_fleet) {
  const auto& first = consume(open(), "a", first_store);
  run_until([&] { return first.report().holding; });
  auto& events = open();
  const auto& second = consume(events, "b", second_store);
  insert(100);
  run_until_confirmed(100);
  EXPECT_FALSE(second.report().holding);
  EXPECT_EQ(events.stats().invalidated, 0u);
}

TEST_F(a_consumer, hands_over_when_it_stops) {
  auto& first = consume(open(), "a", first_store);
  run_until([&] { return first.report().holding; });
  const auto& second = consume(open(), "b", second_store);
  run(first.stop());
  insert(1);
  run_until_confirmed(1);
  EXPECT_TRUE(second.report().holding);
  EXPECT_EQ(second.report().applied, 1u);
}

TEST_F(a_consumer, goes_on_to_the_end_of_its_term_without_the_shared_store) {
  const auto& one = consume(open(), "a", first_store);
  run_until([&] { return one.report().holding; });
  first_store->down = true;
  time.advance(term - 1ms);
  insert(1);
  run_until_confirmed(1);
  time.advance(1ms);
  run_until([&] { return !one.report().holding; });
  insert(1);
  settle();
  EXPECT_EQ(outbox->confirmed, 1u);
}

TEST_F(a_consumer, is_replaced_when_it_cannot_renew_its_lease) {
  const auto& first = consume(open(), "a", first_store);
  run_until([&] { return first.report().holding; });
  const auto& second = consume(open(), "b", second_store);
  first_store->down = true;
  time.advance(term);
  run_until([&] { return second.report().holding && !first.report().holding; });
  insert(1);
  run_until_confirmed(1);
  EXPECT_EQ(second.report().applied, 1u);
}

TEST_F(a_consumer, consumes_nothing_without_ever_having_had_the_lease) {
  first_store->down = true;
  insert(1);
  const auto& one = consume(open(), "a", first_store);
  const auto& other = consume(open(), "b", second_store);
  run_until_confirmed(1);
  EXPECT_FALSE(one.report().holding);
  EXPECT_EQ(other.report().applied, 1u);
}

TEST_F(a_consumer, stops_while_it_waits) {
  auto& one = consume(open(), "a", first_store);
  run_until([&] { return one.report().holding; });
  run(one.stop());
  insert(1);
  settle();
  EXPECT_EQ(outbox->confirmed, 0u);
}

TEST_F(a_consumer, stops_while_it_tries_again) {
  outbox->failure = errc::provider_unavailable;
  auto& one = consume(open(), "a", first_store);
  run_until([&] { return one.report().error.has_value(); });
  run(one.stop());
  EXPECT_EQ(one.report().applied, 0u);
}

}  // namespace
}  // namespace ctxcache::changes
