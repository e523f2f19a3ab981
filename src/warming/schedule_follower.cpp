#include "warming/schedule_follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/run_on.hpp"
#include "base/timestamp.hpp"
#include "model/glob.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using schedule::plan;
using action = plan::decision::action;
using outcome = schedule_record::outcome;

namespace {

constexpr boot_clock::duration store_budget = 1s;
constexpr boot_clock::duration start_budget = 10s;
// Longer than a start and the pause before the next one take.
constexpr std::chrono::milliseconds lease_term = 30s;
constexpr boot_clock::duration event_pause = 10s;
// Longer than most schedules pause; who is forgotten begins anew.
constexpr std::chrono::milliseconds remembered = std::chrono::days{400};

}  // namespace

schedule_follower::schedule_follower(schedule_spec spec, const scheduler::parts& with,
                                     const std::string& process, const gate& background)
    : spec_(std::move(spec)),
      with_(with),
      process_(process),
      background_(background),
      lease_{"schedule/" + spec_.name, process},
      pause_(with.home),
      last_(now()) {
  status_.name = spec_.name;
}

asio::awaitable<void> schedule_follower::follow() {
  while (!background_.closed()) {
    if (spec_.when) co_await look();
    if (!event_.empty() && with_.time->now() >= not_before_) co_await answer_event();
    co_await rest(until_next());
  }
}

asio::awaitable<void> schedule_follower::rest(boot_clock::duration wait) {
  if (background_.closed()) co_return;
  pause_.expires_after(wait);
  co_await pause_.async_wait(quietly);
}

boot_clock::duration schedule_follower::until_next() const {
  boot_clock::duration wait = with_.look_every;
  if (alarm_) wait = std::min<boot_clock::duration>(wait, *alarm_ - with_.time->wall());
  if (!event_.empty()) wait = std::min(wait, not_before_ - with_.time->now());
  return std::max(wait, boot_clock::duration::zero());
}

asio::awaitable<void> schedule_follower::look() {
  if (plan::is_mistake(last_, now())) {
    log::out().warn("schedule {}: the clock went back from {}, begins anew", spec_.name, timestamp(last_));
    last_ = now();
  }
  if (!known_) co_await learn();
  const auto todo = decide();
  if (todo.what == action::wait) co_return;
  co_await take(todo);
  (void)decide();
}

plan::decision schedule_follower::decide() {
  const auto todo = spec_.when->decide(last_, now());
  alarm_.reset();
  if (todo.what == action::wait && todo.which) alarm_ = todo.which->due;
  const std::lock_guard lock{mutex_};
  status_.next.reset();
  if (todo.which) status_.next = todo.which->due;
  return todo;
}

// What the fleet remembers; what nobody has seen before is written down, so that from now on it can be
// missed.
asio::awaitable<void> schedule_follower::learn() {
  const auto found = co_await read();
  if (!found) co_return trouble(fmt::format("the shared store: {}", found.error().message()));
  if (*found) {
    if (speaks_of_us(**found)) last_ = (*found)->occurrence;
    known_ = true;
    show(**found);
    co_return trouble({});
  }
  const auto held = co_await with_.shared->hold(lease_, lease_term, soon());
  if (!held || !*held) co_return;
  const auto again = co_await read();
  if (again && !*again) {
    schedule_record first{.timing = spec_.when->text(), .occurrence = last_, .at = now(), .by = process_};
    const auto written = co_await write(std::move(first));
    known_ = written && *written;
    if (known_) trouble({});
  }
  (void)co_await with_.shared->release(lease_, soon());
}

asio::awaitable<void> schedule_follower::take(decision todo) {
  const auto held = co_await with_.shared->hold(lease_, lease_term, soon());
  if (!held) co_return trouble(fmt::format("the shared store: {}", held.error().message()));
  if (!*held) co_return;  // another process is at it
  co_await take_under_lease(todo);
  (void)co_await with_.shared->release(lease_, soon());
}

asio::awaitable<void> schedule_follower::take_under_lease(decision todo) {
  const auto planned = todo.which->at;
  const auto found = co_await read();
  if (!found) co_return trouble(fmt::format("the shared store: {}", found.error().message()));
  if (*found && speaks_of_us(**found) && (*found)->occurrence >= planned) {
    const auto& seen = **found;
    // Our own claim, of which we have not heard that it was written.
    const bool ours = seen.by == process_ && seen.occurrence == planned;
    if (!ours) {
      last_ = seen.occurrence;
      show(seen);
      co_return;
    }
  }
  const auto what = todo.what == action::skip ? outcome::skipped
                    : todo.missed             ? outcome::missed
                                              : outcome::planned;
  const schedule_record claim{
      .timing = spec_.when->text(), .occurrence = planned, .what = what, .at = now(), .by = process_};
  const auto written = co_await write(claim);
  if (!written) co_return trouble(fmt::format("the shared store: {}", written.error().message()));
  if (!*written) co_return;
  last_ = planned;
  known_ = true;
  show(claim);
  if (what == outcome::skipped) {
    log::out().warn("schedule {}: skips the run planned for {}, which was missed", spec_.name,
                    timestamp(planned));
    co_return;
  }
  co_await start(claim);
}

// The occurrence is ours: nobody else begins it, so this does not give up at once.
asio::awaitable<void> schedule_follower::start(schedule_record claim) {
  const auto until = deadline::after(with_.time->now(), plan::window);
  while (!background_.closed()) {
    const auto job = co_await start_job("schedule " + spec_.name);
    if (job) {
      claim.job = *job;
      log::out().info("schedule {}: warms as job {}, {} for {}", spec_.name, *job, name(claim.what),
                      timestamp(claim.occurrence));
      show(claim);
      (void)co_await write(std::move(claim));
      co_return;
    }
    if (job.error() == errc::invalid_request || until.passed(with_.time->now())) break;
    co_await rest(with_.look_every);
    (void)co_await with_.shared->hold(lease_, lease_term, soon());
  }
  log::out().error("schedule {}: gives up the run planned for {}", spec_.name, timestamp(claim.occurrence));
}

asio::awaitable<result<std::string>> schedule_follower::start_job(std::string asked_by) {
  auto order = spec_.order;
  order.asked_by = std::move(asked_by);
  const auto until = deadline::after(with_.time->now(), start_budget);
  auto starting = with_.start(std::move(order), until);
  const auto began = co_await std::move(starting);
  if (!began) {
    trouble(fmt::format("the job cannot be started: {}", began.error().message()));
    co_return began.error();
  }
  if (began->already_running) {
    log::out().info("schedule {}: job {} warms that already", spec_.name, began->job.id);
  }
  co_return began->job.id;
}

void schedule_follower::heard(std::string type) {
  if (event_.empty()) heard_at_ = with_.time->now();
  event_ = std::move(type);
  wake();
}

asio::awaitable<void> schedule_follower::answer_event() {
  const auto type = std::exchange(event_, {});
  const auto heard = now();
  const auto job = co_await start_job("event " + type);
  not_before_ = with_.time->now() + event_pause;
  if (job) {
    log::out().info("schedule {}: warms as job {} after event {}", spec_.name, *job, type);
    const std::lock_guard lock{mutex_};
    status_.last = schedule_status::run{heard, now(), "event " + type, *job};
    status_.problem.clear();
  } else if (job.error() != errc::invalid_request && with_.time->now() - heard_at_ < plan::window) {
    not_before_ = with_.time->now() + with_.look_every;
    if (event_.empty()) event_ = type;
  } else {
    log::out().error("schedule {}: gives up warming after event {}", spec_.name, type);
  }
}

asio::awaitable<result<std::optional<schedule_record>>> schedule_follower::read() {
  const auto found = co_await with_.shared->get(lease_.name + "/last", soon());
  if (!found) co_return found.error();
  std::optional<schedule_record> record;
  if (*found) record = decode_schedule_record(**found);
  co_return record;
}

asio::awaitable<result<bool>> schedule_follower::write(schedule_record record) {
  shared_store::fact what{lease_.name + "/last", encode(record), remembered};
  const std::optional<lease> under = lease_;
  co_return co_await with_.shared->put(std::move(what), under, soon());
}

bool schedule_follower::speaks_of_us(const schedule_record& record) const {
  return record.timing == spec_.when->text() && !plan::is_mistake(record.occurrence, now());
}

schedule::instant schedule_follower::now() const {
  return std::chrono::floor<std::chrono::seconds>(with_.time->wall());
}

deadline schedule_follower::soon() const {
  return deadline::after(with_.time->now(), store_budget);
}

void schedule_follower::show(const schedule_record& record) {
  if (record.what == outcome::first_seen) return;
  const std::lock_guard lock{mutex_};
  status_.last =
      schedule_status::run{record.occurrence, record.at, std::string{name(record.what)}, record.job};
  status_.problem.clear();
}

void schedule_follower::trouble(std::string why) {
  const std::lock_guard lock{mutex_};
  if (!why.empty() && status_.problem != why) log::out().warn("schedule {}: {}", spec_.name, why);
  status_.problem = std::move(why);
}

bool schedule_follower::listens_to(std::string_view type) const {
  return !spec_.on_event.empty() && glob_matches(spec_.on_event, type);
}

schedule_status schedule_follower::status() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

}  // namespace ctxcache::warming
