#include "core/census.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/run_on.hpp"

namespace ctxcache {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds patience{1'000};
constexpr std::chrono::seconds silence_life{5};
constexpr std::chrono::milliseconds poll_min{1};
constexpr std::chrono::milliseconds poll_max{20};
constexpr std::chrono::milliseconds next_wait{1'000};
constexpr std::chrono::milliseconds next_pause{100};
constexpr std::chrono::milliseconds say_budget{500};

}  // namespace

census::census(tiers& shared, const invalidation_log& log, std::unique_ptr<roll_call> fleet,
               asio::any_io_executor home)
    : shared_(shared), log_(log), fleet_(std::move(fleet)), home_(std::move(home)), pause_(home_) {}

void census::begin(gate& background) {
  if (fleet_) background.spawn(home_, "answers to dry runs", answer(background));
}

preview::holding census::own(const scope& what) const {
  return {log_.report().member, shared_.l1().count(what, shared_.hash())};
}

asio::awaitable<std::vector<preview::holding>> census::count(scope what, deadline until) {
  std::vector<preview::holding> found{own(what)};
  if (!fleet_) co_return found;
  const auto end = until.within(shared_.now(), patience);
  auto asked = co_await fleet_->ask(std::move(what), end);
  if (!asked) co_return found;
  for (auto& one : asked->members) {
    if (one != found.front().member) found.push_back({std::move(one), std::nullopt});
  }
  co_await gather_answers(found, std::move(asked->id), end);
  note_silent(found);
  co_return found;
}

asio::awaitable<void> census::gather_answers(std::vector<preview::holding>& found, std::string question,
                                             deadline until) {
  timer pause{home_};
  boot_clock::duration poll = poll_min;
  const auto waits = [&] {
    return !stopped_ && !until.passed(shared_.now()) &&
           std::ranges::any_of(found, [this](const auto& one) { return is_waited_for(one); });
  };
  while (waits()) {
    pause.expires_after(std::min(poll, until.remaining(shared_.now())));
    co_await pause.async_wait(quietly);
    poll = std::min<boot_clock::duration>(poll * 2, poll_max);
    auto id = question;
    const auto said = co_await fleet_->answers(std::move(id), until);
    if (!said) co_return;
    for (const auto& [member, entries] : *said) {
      const auto known = std::ranges::find(found, member, &preview::holding::member);
      if (known != found.end()) known->entries = entries;
    }
  }
}

bool census::is_waited_for(const preview::holding& one) const {
  if (one.entries) return false;
  const auto silent = silent_.find(one.member);
  return silent == silent_.end() || silent->second <= shared_.now();
}

void census::note_silent(const std::vector<preview::holding>& found) {
  const auto now = shared_.now();
  std::erase_if(silent_, [&](const auto& one) { return one.second <= now; });
  for (const auto& one : found) {
    if (!one.entries) silent_.emplace(one.member, now + silence_life);
  }
}

asio::awaitable<void> census::answer(const gate& background) {
  while (!background.closed()) {
    auto asked = co_await fleet_->next(next_wait);
    const bool any = asked && !asked->empty();
    for (std::size_t i = 0; any && i < asked->size(); ++i) {
      auto& [id, what] = (*asked)[i];
      auto mine = own(what);
      roll_call::answer said{std::move(mine.member), *mine.entries};
      const auto soon = deadline::after(shared_.now(), say_budget);
      (void)co_await fleet_->say(std::move(id), std::move(said), soon);  // who asked sees who is missing
    }
    if (any || background.closed()) continue;
    pause_.expires_after(next_pause);
    co_await pause_.async_wait(quietly);
  }
}

asio::awaitable<void> census::stop() {
  stopped_ = true;
  pause_.cancel();
  if (fleet_) co_await fleet_->stop();
}

}  // namespace ctxcache
