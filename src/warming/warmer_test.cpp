#include "warming/warmer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <cmath>

#include "warming/warmer_test_support.hpp"

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;
using state = job_report::state;

class warming : public warming_fleet {};

TEST_F(warming, loads_every_agent_type_of_every_customer_for_the_whole_fleet) {
  auto& a = start_process();
  auto& b = start_process();
  const auto job = warm(a, {.segments = {"enterprise"}, .asked_by = "http"});
  EXPECT_EQ(job.now, state::done);
  EXPECT_EQ(job.customers, 4U);
  EXPECT_EQ(job.customers_done, 4U);
  EXPECT_EQ(job.loaded, 8U);
  EXPECT_EQ(job.already_warm + job.unknown + job.failed, 0U);
  EXPECT_EQ(job.order.asked_by, "http");
  for (const auto* type : {"support", "billing"})
    EXPECT_EQ(get(*b.cache, of_customer(4, type))->from, origin::l2);
  EXPECT_EQ(source->loads, 8);
}

TEST_F(warming, warms_segments_then_ids_of_the_agent_types_asked_for) {
  auto& a = start_process();
  const auto job = warm(a, {.segments = {"enterprise", "at_risk", "enterprise"},
                            .customer_ids = {"x", "y", "x"},
                            .agent_types = {"billing", "billing"}});
  EXPECT_EQ(job.ids, 2U);
  EXPECT_EQ(job.customers, 9U);
  EXPECT_EQ(job.loaded, 6U) << "at_risk lies within enterprise, and is warm by then";
  EXPECT_EQ(job.already_warm, 3U);
  EXPECT_TRUE(is_warm(a, *key::make({"y", "billing"})));
  EXPECT_FALSE(is_warm(a, *key::make({"y", "support"})));
}

TEST_F(warming, reads_more_ids_than_lie_in_one_fact) {
  auto& a = start_process();
  std::vector<std::string> ids;
  for (int i = 0; i < 2'001; ++i) ids.push_back(fake_segment::id(i));
  const auto job = warm(a, {.customer_ids = ids, .agent_types = {"support"}});
  EXPECT_EQ(job.loaded, 2'001U);
  EXPECT_EQ(job.customers, 2'001U);
}

TEST_F(warming, skips_what_is_warm_unless_it_expires_soon_or_a_refresh_is_asked_for) {
  auto& a = start_process({.expires_within = 60s}, {.l2_cache_ttl = 300s});
  const warm_order order{.segments = {"enterprise"}};
  EXPECT_EQ(warm(a, order).loaded, 8U);
  time.advance(239s);
  EXPECT_EQ(warm(a, order).already_warm, 8U);
  time.advance(1s);
  EXPECT_EQ(warm(a, order).loaded, 8U);
  auto anew = order;
  anew.refresh = true;
  EXPECT_EQ(warm(a, anew).loaded, 8U);
  EXPECT_EQ(source->loads, 24);
}

TEST_F(warming, lists_a_failed_customer_and_goes_on) {
  auto& a = start_process();
  picky->failures["c0000002"] = errc::provider_failed;
  picky->unknown = {"c0000003"};
  const auto job = warm(a, {.segments = {"enterprise"}});
  EXPECT_EQ(job.now, state::done);
  EXPECT_EQ(job.loaded, 4U);
  EXPECT_EQ(job.unknown, 1U) << "a customer, not two entries";
  EXPECT_EQ(job.failed, 2U);
  ASSERT_EQ(job.failures.size(), 2U);
  EXPECT_EQ(job.failures[0].customer_id, "c0000002");
  EXPECT_EQ(job.failures[0].error, "provider_failed");
  EXPECT_NE(job.failures[0].agent_type, job.failures[1].agent_type);
  EXPECT_EQ(picky->loads["context:c0000002:support"], 3) << "it is tried again";
}

TEST_F(warming, fills_memory_where_there_is_no_l2_and_evicts_nothing) {
  auto& a = start_process({.concurrency = 1}, {.l1_cache_max_size = 3, .enable_l2_cache = false});
  ASSERT_TRUE(get(*a.cache, *key::make({"x", "support"})));
  const auto job = warm(a, {.segments = {"enterprise"}, .agent_types = {"support"}});
  EXPECT_EQ(job.loaded, 2U);
  EXPECT_EQ(job.failed, 2U);
  EXPECT_EQ(job.failures.back().error, "not_cached");
  EXPECT_EQ(picky->loads[of_customer(4).text()], 1) << "a second load would be as vain";
  EXPECT_EQ(a.cache->stats().l1_evictions, 0U);
}

TEST_F(warming, counts_what_this_process_did) {
  auto& a = start_process();
  auto& b = start_process();
  picky->failures["c0000002"] = errc::provider_failed;
  static_cast<void>(warm(a, {.segments = {"enterprise"}, .agent_types = {"support"}}));
  picky->failures.clear();
  static_cast<void>(warm(a, {.segments = {"at_risk"}, .agent_types = {"support"}}));
  ASSERT_TRUE(get(*b.cache, of_customer(1)));
  time.advance(1s);
  until([&] { return b.warming->totals().hit_later == 1 && a.warming->totals().running == 0; });
  EXPECT_EQ(a.warming->totals().loaded, 4U);
  EXPECT_EQ(a.warming->totals().already_warm, 2U);
  EXPECT_EQ(a.warming->totals().failed, 1U);
  EXPECT_EQ(b.warming->totals().loaded, 0U);
}

TEST_F(warming, lists_ids_that_are_none) {
  auto& a = start_process();
  const std::string overlong(id_bytes_max + 1, 'x');
  const auto job = warm(a, {.customer_ids = {"", overlong, "caf\xe9", "good"}, .agent_types = {"support"}});
  EXPECT_EQ(job.loaded, 1U);
  EXPECT_EQ(job.failed, 3U);
  EXPECT_EQ(job.customers_done, 4U);
  ASSERT_EQ(job.failures.size(), 3U);
  EXPECT_EQ(job.failures[0].error, "invalid_key");
  EXPECT_EQ(job.failures[1].customer_id, overlong.substr(1));
  EXPECT_EQ(job.failures[2].customer_id, "caf?");
}

TEST_F(warming, lists_a_hundred_failures_and_counts_all) {
  auto& a = start_process();
  std::vector<std::string> ids;
  for (int i = 0; i < 101; ++i) ids.push_back(std::string(200, 'x') + std::to_string(i));
  const auto job = warm(a, {.customer_ids = ids});
  EXPECT_EQ(job.failures.size(), 100U);
  EXPECT_EQ(job.failed, 101U);
}

TEST_F(warming, refuses_what_cannot_be_carried_out) {
  auto& a = start_process();
  const auto refusal = [&](const warm_order& order) { return a.warming->refusal(order); };
  EXPECT_EQ(refusal({.segments = {"enterprise"}}), "");
  EXPECT_EQ(refusal({}), "it names no segment and no customer");
  EXPECT_EQ(refusal({.segments = {"enterprize"}}),
            "there is no segment \"enterprize\", only at_risk, enterprise");
  EXPECT_EQ(refusal({.customer_ids = {"x"}, .agent_types = {"sale"}}), "there is no agent type \"sale\"");
  EXPECT_EQ(refusal({.customer_ids = std::vector<std::string>(100'000, "x")}), "");
  EXPECT_NE(refusal({.customer_ids = std::vector<std::string>(100'001, "x")}), "");
  EXPECT_EQ(refusal({.customer_ids = {"x"}, .concurrency = 1'024}), "");
  EXPECT_NE(refusal({.customer_ids = {"x"}, .concurrency = 1'025}), "");
  EXPECT_NE(refusal({.customer_ids = {"x"}, .loads_per_second = -1}), "");
  EXPECT_NE(refusal({.customer_ids = {"x"}, .loads_per_second = NAN}), "");
  EXPECT_EQ(refusal({.customer_ids = {"x"}, .hold = 24h}), "");
  EXPECT_NE(refusal({.customer_ids = {"x"}, .hold = 24h + 1ms}), "");
  EXPECT_NE(refusal({.customer_ids = {"x"}, .hold = -1ms}), "");
  EXPECT_EQ(run(a.warming->start({.segments = {"enterprize"}}, {})).error(), errc::invalid_request);
  EXPECT_EQ(a.warming->segments(), (std::vector<std::string>{"at_risk", "enterprise"}));
}

TEST_F(warming, is_done_once_when_two_operators_order_it) {
  auto& a = start_process();
  auto& b = start_process();
  source->held = true;
  std::vector<result<warmer::started>> answers;
  for (auto* one : {&a, &b, &a}) {
    boost::asio::co_spawn(loop, one->warming->start({.segments = {"at_risk", "enterprise"}}, {}),
                          [&](std::exception_ptr, result<warmer::started> got) { answers.push_back(got); });
  }
  until([&] { return answers.size() == 3; });
  int begun = 0;
  for (const auto& one : answers) {
    ASSERT_TRUE(one);
    EXPECT_EQ(one->job.id, answers[0]->job.id);
    begun += one->already_running ? 0 : 1;
  }
  EXPECT_EQ(begun, 1);
  const auto other = run(b.warming->start({.segments = {"enterprise"}, .customer_ids = {"x"}}, {}));
  EXPECT_TRUE(other->already_running) << "one segment in common";
  const auto ids = begin_job(b, {.customer_ids = {"x"}});
  source->release();
  EXPECT_EQ(ended(b, answers[0]->job.id).now, state::done);
  EXPECT_EQ(ended(a, ids.id).loaded, 2U);
  EXPECT_EQ(warm(b, {.segments = {"enterprise"}}).already_warm, 8U)
      << "when it has ended, it can be ordered again";
}

TEST_F(warming, takes_half_a_short_life_for_long_enough) {
  auto& a = start_process({.expires_within = 60s}, {.l2_cache_ttl = 20s});
  const warm_order order{.segments = {"enterprise"}};
  EXPECT_EQ(warm(a, order).loaded, 8U);
  time.advance(9s);
  EXPECT_EQ(warm(a, order).already_warm, 8U);
  time.advance(1s);
  EXPECT_EQ(warm(a, order).loaded, 8U);
}

TEST_F(warming, loads_no_more_at_a_time_than_it_may) {
  auto& a = start_process({.concurrency = 3});
  source->held = true;
  const auto job = begin_job(a, {.segments = {"enterprise", "at_risk"}});
  EXPECT_EQ(job.concurrency, 3U);
  until([&] { return source->waiting() == 3; });
  settle();
  EXPECT_EQ(source->waiting(), 3U);
  source->release();
  EXPECT_EQ(ended(a, job.id).loaded, 8U);
  EXPECT_EQ(source->running_max, 3);
}

TEST_F(warming, backs_off_while_live_reads_are_slow) {
  auto& a = start_process({.concurrency = 8, .slow_above = 50ms});
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return source->waiting() == 4; });
  live_p99 = 51ms;
  time.advance(1s);
  until([&] { return show(a, id)->concurrency == 4; });
  live_p99 = 50ms;
  time.advance(1s);
  until([&] { return show(a, id)->concurrency == 5; });
}

TEST_F(warming, compares_live_reads_with_what_they_were_before_the_job) {
  live_p99 = 8ms;
  auto& a = start_process({.concurrency = 16});
  settle();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return show(a, id)->concurrency == 2; });
  live_p99 = 10ms;
  time.advance(1s);
  until([&] { return show(a, id)->concurrency == 3; });
  live_p99 = 11ms;
  time.advance(1s);
  until([&] { return show(a, id)->concurrency == 1; });
}

TEST_F(warming, is_watched_and_cancelled_from_any_process) {
  auto& a = start_process({.concurrency = 1});
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  EXPECT_EQ(show(b, id)->now, state::running);
  EXPECT_EQ(run(b.warming->cancel(id, {}))->value().id, id);
  time.advance(1s);
  static_cast<void>(reached(a, id, state::cancelled));
  source->release();
  const auto job = ended(b, id);
  EXPECT_EQ(job.now, state::cancelled);
  EXPECT_LE(job.loaded, 2U);
  EXPECT_EQ(run(a.warming->cancel(id, {}))->value().now, state::cancelled) << "it stays as it is";
  EXPECT_FALSE(show(a, "nonesuch"));
  EXPECT_FALSE(*run(a.warming->cancel("nonesuch", {})));
  EXPECT_EQ(warm(b, {.segments = {"enterprise"}}).now, state::done);
}

TEST_F(warming, leaves_nothing_old_when_a_customer_is_invalidated_meanwhile) {
  auto& a = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return source->waiting() == 4; });
  source->truth = R"({"version":2})";
  invalidate(*a.cache, of(fake_segment::id(1)));
  source->release();
  EXPECT_EQ(ended(a, id).loaded, 8U) << "what was overtaken is loaded again";
  EXPECT_EQ(get(*a.cache, of_customer(1))->value->body, R"({"version":2})");
  EXPECT_EQ(get(*a.cache, of_customer(1, "billing"))->value->body, R"({"version":2})");
}

}  // namespace
}  // namespace ctxcache::warming
