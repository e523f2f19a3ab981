// What becomes of a warming job when processes, Redis or providers fail.
#include <algorithm>

#include "warming/job_board.hpp"
#include "warming/warmer_test_support.hpp"

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;
using state = job_report::state;

class warming_on_bad_days : public warming_fleet {
 protected:
  // As if it had been killed: nothing of it reaches the others any more.
  static void cut_off(process& one) { one.store->down = true; }
};

TEST_F(warming_on_bad_days, job_of_a_process_that_died_is_taken_up_where_it_was) {
  add_segment("all", 6, 2);
  auto& a = start_process({.concurrency = 1});
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"all"}, .agent_types = {"support"}}).id;
  // Two pages are done, and an entry of the third.
  for (int i = 0; i < 5; ++i) {
    until([&] { return source->waiting() > 0; });
    source->step();
  }
  until([&] { return show(b, id)->customers_done == 4; });
  cut_off(a);
  time.advance(5s);
  settle();
  EXPECT_EQ(show(b, id)->customers_done, 4U) << "its lease has not run out";
  time.advance(4s);
  source->held = false;
  const auto job = ended(b, id);
  EXPECT_EQ(job.now, state::done);
  EXPECT_EQ(job.customers_done, 6U);
  EXPECT_EQ(job.loaded + job.already_warm, 6U);
  EXPECT_EQ(job.failed, 0U);
  for (std::size_t n = 1; n <= 4; ++n) EXPECT_EQ(picky->loads[of_customer(n).text()], 1) << n;
  source->release();
  a.store->down = false;
  time.advance(3s);
  until([&] { return a.warming->totals().running == 0; });
  EXPECT_EQ(ended(a, id).loaded, job.loaded) << "the one that came back leaves it alone";
  EXPECT_EQ(run(a.warming->runs(10, {}))->size(), 1U);
}

TEST_F(warming_on_bad_days, job_that_somebody_runs_is_nobody_elses) {
  job_board one{facts, time, "one"};
  job_board other{facts, time, "other"};
  job_report job;
  job.id = "j";
  job.order.segments = {"enterprise"};
  EXPECT_TRUE(run(one.hold(job)).value());
  EXPECT_FALSE(run(other.hold(job)).value());
  run(one.release(job));
  EXPECT_TRUE(run(other.hold(job)).value());
}

TEST_F(warming_on_bad_days, ids_are_taken_up_too) {
  auto& a = start_process({.concurrency = 1});
  auto& b = start_process();
  std::vector<std::string> ids;
  for (int i = 0; i < 1'001; ++i) ids.push_back(fake_segment::id(i));
  source->held = true;
  const auto id = begin_job(a, {.customer_ids = ids, .agent_types = {"support"}}).id;
  until([&] { return source->waiting() == 1; });
  cut_off(a);
  source->held = false;
  time.advance(9s);
  const auto job = ended(b, id);
  EXPECT_EQ(job.loaded, 1'001U);
  EXPECT_EQ(job.ids, 1'001U);
}

TEST_F(warming_on_bad_days, process_that_stops_hands_its_job_over_at_once) {
  auto& a = start_process();
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return source->waiting() == 4; });
  bool stopped = false;
  boost::asio::co_spawn(loop, a.warming->stop(), [&](std::exception_ptr) { stopped = true; });
  settle();
  source->release();
  until([&] { return stopped; });
  EXPECT_FALSE(show(b, id)->ended_at);
  EXPECT_EQ(run(a.warming->start({.segments = {"enterprise"}}, {})).error(), errc::shutting_down);
  time.advance(3s);  // when b looks for such jobs
  EXPECT_EQ(ended(b, id).now, state::done);
  EXPECT_EQ(source->loads, 8) << "what had been loaded was found warm";
}

TEST_F(warming_on_bad_days, job_that_nobody_runs_can_be_cancelled) {
  auto& a = start_process({.concurrency = 1});
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return source->waiting() == 1; });
  cut_off(a);
  EXPECT_TRUE(*run(b.warming->cancel(id, {})));
  time.advance(9s);
  EXPECT_EQ(ended(b, id).now, state::cancelled);
}

TEST_F(warming_on_bad_days, segment_of_a_dead_process_is_still_warmed_by_its_job) {
  auto& a = start_process({.concurrency = 1});
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return source->waiting() == 1; });
  cut_off(a);
  time.advance(9s);
  const auto again = run(b.warming->start({.segments = {"enterprise"}}, {}));
  EXPECT_TRUE(again->already_running);
  EXPECT_EQ(again->job.id, id);
}

TEST_F(warming_on_bad_days, job_whose_segment_is_not_configured_any_more_has_failed) {
  add_segment("old", 4, 2);
  auto& a = start_process({.concurrency = 1});
  segments.erase("old");
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"old"}}).id;
  until([&] { return source->waiting() == 1; });
  cut_off(a);
  time.advance(9s);
  const auto job = ended(b, id);
  EXPECT_EQ(job.now, state::failed);
  EXPECT_EQ(job.why, "there is no segment \"old\", only at_risk, enterprise");
}

TEST_F(warming_on_bad_days, without_the_store_a_job_goes_on_while_its_lease_lasts_and_then_waits) {
  auto& a = start_process({.concurrency = 1});
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return source->waiting() == 1; });
  cut_off(a);
  time.advance(4s);
  source->step();
  until([&] { return source->waiting() == 1; });
  EXPECT_EQ(run(a.warming->show(id, {}))->value().loaded, 1U);
  EXPECT_EQ(run(a.warming->start({.segments = {"at_risk"}}, {})).error(), errc::l2_unavailable);
  time.advance(1s);
  source->step();
  const auto paused = reached(a, id, state::paused);
  EXPECT_EQ(paused.why, "the shared store cannot be reached");
  settle();
  EXPECT_EQ(source->waiting(), 0U);
  a.store->down = false;
  source->held = false;
  time.advance(1s);
  EXPECT_EQ(ended(a, id).loaded, 8U);
}

TEST_F(warming_on_bad_days, job_that_ends_while_the_store_is_away_is_written_later) {
  auto& a = start_process();
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}, .agent_types = {"support"}}).id;
  until([&] { return source->waiting() == 2; });
  cut_off(a);
  source->release();
  until([&] { return run(a.warming->show(id, {}))->value().now == state::done; });
  EXPECT_EQ(show(b, id)->now, state::running);
  a.store->down = false;
  time.advance(1s);
  EXPECT_EQ(ended(b, id).loaded, 4U);
}

TEST_F(warming_on_bad_days, store_that_lost_everything_knows_a_job_again) {
  auto& a = start_process({.concurrency = 1});
  auto& b = start_process();
  source->held = true;
  const auto id = begin_job(a, {.segments = {"enterprise"}}).id;
  until([&] { return source->waiting() == 1; });
  lose_facts();
  EXPECT_FALSE(show(b, id));
  until([&] {
    time.advance(500ms);
    return !run(b.warming->runs(10, {}))->empty();
  });
  EXPECT_TRUE(run(b.warming->start({.segments = {"enterprise"}}, {}))->already_running);
}

TEST_F(warming_on_bad_days, job_waits_while_the_providers_are_down_and_then_goes_on) {
  add_segment("all", 200, 100);
  auto& a = start_process({.concurrency = 4});
  source->failure = errc::provider_unavailable;
  const auto id = begin_job(a, {.segments = {"all"}, .agent_types = {"support"}}).id;
  const auto paused = reached(a, id, state::paused);
  EXPECT_EQ(paused.why, "the providers fail: provider_unavailable");
  EXPECT_LE(source->loads, 14);
  for (int i = 0; i < 5; ++i) {
    const auto before = source->loads;
    time.advance(10s);
    until([&] { return source->loads > before; });
    settle();
    EXPECT_EQ(source->loads, before + 1) << "one, to see whether they are back";
  }
  source->failure.reset();
  time.advance(10s);
  const auto job = ended(a, id);
  EXPECT_EQ(job.now, state::done);
  EXPECT_EQ(job.loaded + job.failed, 200U);
  EXPECT_LE(job.failed, 7U);
}

TEST_F(warming_on_bad_days, gives_up_when_the_providers_do_not_come_back) {
  add_segment("all", 200, 100);
  auto& a = start_process();
  source->failure = errc::provider_timeout;
  const auto id = begin_job(a, {.segments = {"all"}}).id;
  static_cast<void>(reached(a, id, state::paused));
  time.advance(10min);
  const auto job = ended(a, id);
  EXPECT_EQ(job.now, state::failed);
  EXPECT_EQ(job.why, "no load has succeeded for 10 minutes: provider_timeout");
}

TEST_F(warming_on_bad_days, waits_for_a_segment_that_cannot_be_read_just_now) {
  auto slow = add_segment("all", 4, 2);
  slow->failure = errc::provider_unavailable;
  auto& a = start_process();
  const auto id = begin_job(a, {.segments = {"all"}}).id;
  EXPECT_EQ(reached(a, id, state::paused).why, "segment all cannot be read: provider_unavailable");
  slow->failure.reset();
  time.advance(1s);
  EXPECT_EQ(ended(a, id).loaded, 8U);
}

TEST_F(warming_on_bad_days, segment_whose_query_is_wrong_fails_the_job) {
  auto wrong = add_segment("all", 4, 2);
  wrong->failure = errc::provider_failed;
  auto& a = start_process();
  const auto id = begin_job(a, {.segments = {"all"}}).id;
  until([&] {
    time.advance(100ms);
    return show(a, id)->ended_at.has_value();
  });
  const auto job = *show(a, id);
  EXPECT_EQ(job.now, state::failed);
  EXPECT_EQ(job.why, "segment all cannot be read: provider_failed");
  EXPECT_EQ(run(a.warming->runs(1, {}))->front().job.id, id);
}

TEST_F(warming_on_bad_days, next_page_is_read_when_the_one_before_is_done) {
  auto all = add_segment("all", 25, 10);
  auto& a = start_process();
  std::vector<std::size_t> loaded;  // when each page was asked for
  all->on_read = [&](const std::string&) { loaded.push_back(picky->loads.size()); };
  EXPECT_EQ(warm(a, {.segments = {"all"}, .agent_types = {"support"}}).loaded, 25U);
  EXPECT_EQ(loaded, (std::vector<std::size_t>{0, 0, 0, 0, 10, 20})) << "counted first, then loaded";
}

}  // namespace
}  // namespace ctxcache::warming
