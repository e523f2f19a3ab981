#include "warming/page_loader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/run_on.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;

namespace {

// Asked of L2 in one round trip.
constexpr std::size_t keys_at_a_time = 256;
constexpr int attempts_max = 3;
constexpr std::size_t failures_listed = 100;
constexpr std::uint32_t places_max = std::uint32_t{1} << 24;
// How often the clock is looked at while waiting: timers follow the machine's, whatever `time` says.
constexpr std::chrono::milliseconds look_every{20};

bool is_of_provider(const error_code& error) {
  return error == errc::provider_unavailable || error == errc::provider_timeout ||
         error == errc::provider_failed || error == errc::deadline_exceeded || error == errc::overloaded;
}

// What is no UTF-8, and what is left of an overlong id, has to stand in JSON.
std::string printable(const std::string& id) {
  if (key::make({id, "a"})) return id;
  auto out = id.substr(0, id_bytes_max);
  std::ranges::replace_if(
      out, [](char one) { return static_cast<unsigned char>(one) >= 0x80; }, '?');
  return out;
}

}  // namespace

page_loader::page_loader(orchestrator& cache, const clock& time, asio::any_io_executor home, gate& background,
                         job_state& state, pace& speed, tally& counted)
    : cache_(cache),
      time_(time),
      home_(std::move(home)),
      background_(background),
      state_(state),
      pace_(speed),
      counted_(counted),
      changed_(home_) {}

asio::awaitable<void> page_loader::load(std::vector<std::string> ids, plan how) {
  counts_customers_ = how.counts_customers;
  unknown_.clear();
  std::vector<key> wanted;
  std::size_t customers = 0;
  for (std::size_t i = 0; i < ids.size() && !stopped_; ++i) {
    std::ranges::move(keys_of(ids[i]), std::back_inserter(wanted));
    ++customers;
    if (wanted.size() < keys_at_a_time && i + 1 < ids.size()) continue;
    co_await load_some(std::move(wanted), how);
    wanted.clear();
    if (how.counts_customers && !stopped_) state_.report.customers_done += customers;
    customers = 0;
  }
  // What failed for a moment may be waiting again.
  while (running_ > 0 || (!waiting_.empty() && !stopped_)) {
    co_await load_waiting();
    if (running_ > 0) co_await wait(time_point::max());
  }
  waiting_.clear();
}

std::vector<key> page_loader::keys_of(const std::string& id) {
  std::vector<key> wanted;
  for (const auto& agent_type : state_.report.order.agent_types) {
    auto one = key::make({id, agent_type});
    if (!one) {
      if (counts_customers_) fail({printable(id), {}, std::string{code_name(one.error())}});
      break;
    }
    wanted.push_back(*std::move(one));
  }
  return wanted;
}

asio::awaitable<void> page_loader::load_some(std::vector<key> wanted, plan how) {
  if (wanted.empty()) co_return;
  std::vector<bool> cold(wanted.size(), true);
  if (!how.refresh) {
    const auto until = deadline::after(time_.now(), cache_.settings().load_timeout);
    cold = co_await cache_.cold(wanted, how.expires_within, until);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (cold[i]) {
      waiting_.push_back({.wanted = std::move(wanted[i])});
    } else if (how.counts_customers) {
      ++state_.report.already_warm;
      ++counted_.already_warm;
      remember(wanted[i]);
    }
  }
  co_await load_waiting();
}

asio::awaitable<void> page_loader::load_waiting() {
  while (!waiting_.empty() && !stopped_) {
    const auto now = time_.now();
    const auto begins = now < allowed_until_ ? pace_.next(now, running_) : time_point::max();
    if (begins > now) {
      co_await wait(begins);
      continue;
    }
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    pace_.began(now);
    ++running_;
    if (!background_.spawn(home_, "warming load", load_one(std::move(first)))) --running_;
  }
}

// Until then, or until something has changed.
asio::awaitable<void> page_loader::wait(time_point until) {
  changed_.expires_after(std::min<boot_clock::duration>(until - time_.now(), look_every));
  co_await changed_.async_wait(quietly);
}

asio::awaitable<void> page_loader::load_one(attempt what) {
  // It may have to wait in line as long as it may take.
  const auto until = deadline::after(time_.now(), 2 * cache_.settings().load_timeout);
  const warm_options options{.until = until, .credit = next_mark()};
  const auto outcome = co_await cache_.warm(what.wanted, options);
  --running_;
  note(std::move(what), outcome);
  changed_.cancel();
}

// Those of a run beyond what a set of marks can hold are not credited.
warm_mark page_loader::next_mark() {
  if (state_.place >= places_max) return {};
  return {.run = state_.report.run, .place = state_.place++};
}

void page_loader::note(attempt what, const result<void>& outcome) {
  auto& report = state_.report;
  const auto customer = what.wanted.customer_id();
  const bool failing = !outcome && is_of_provider(outcome.error());
  pace_.ended(time_.now(), failing);
  if (outcome) {
    ++report.loaded;
    ++counted_.loaded;
    remember(what.wanted);
    return;
  }
  if (outcome.error() == errc::shutting_down) return;  // whoever goes on begins with this page
  if (outcome.error() == errc::customer_unknown) {
    if (counts_customers_ && unknown_.insert(customer).second) ++report.unknown;
    return;
  }
  if (failing) last_error_ = code_name(outcome.error());
  // not_cached: invalidated while it was being loaded, or there is no room for it.
  const bool again = failing || (outcome.error() == errc::not_cached && has_room());
  if (again && what.number < attempts_max) {
    ++what.number;
    waiting_.push_back(std::move(what));
    return;
  }
  fail({customer, what.wanted.agent_type(), std::string{code_name(outcome.error())}});
}

// Where there is no L2 and memory is full of what others asked for, a second load is as vain as the first.
bool page_loader::has_room() const {
  const auto now = cache_.stats();
  return cache_.settings().enable_l2_cache || now.l1_size < now.l1_max_size;
}

void page_loader::fail(failed_customer what) {
  auto& report = state_.report;
  ++report.failed;
  ++counted_.failed;
  if (report.failures.size() < failures_listed) report.failures.push_back(std::move(what));
}

void page_loader::remember(const key& one) {
  if (keys_.size() < keys_remembered_max) keys_.push_back(one);
}

}  // namespace ctxcache::warming
