#include "changes/intake.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/run_on.hpp"
#include "changes/dead_letters.hpp"
#include "changes/encoding.hpp"
#include "changes/event_memory.hpp"
#include "changes/merger.hpp"
#include "changes/recent_outcomes.hpp"

namespace ctxcache::changes {

namespace asio = boost::asio;

namespace {

using verdict = outcome::verdict;

[[nodiscard]] std::string sentence_of(const error_code& error, const rule& by) {
  if (error == errc::invalid_document) return "the event is not a JSON object";
  if (error == errc::invalid_key)
    return "an id that the event names is empty, longer than 128 bytes or not UTF-8";
  return fmt::format("the event does not say whose context it is: there is no id at {}",
                     fmt::join(by.customer_id, ", "));
}

}  // namespace

// Everything runs on `home_`, a serial executor, but for the counts.
struct intake::impl {
  impl(orchestrator& cache, intake_settings settings, asio::any_io_executor home,
       const std::shared_ptr<shared_store>& shared, std::function<void(const change&)> on_event,
       const clock& time)
      : settings_(std::move(settings)),
        home_(std::move(home)),
        time_(time),
        on_event_(std::move(on_event)),
        memory_(shared, settings_.dedupe_window, time),
        merger_(cache, home_, settings_.merge_window, time),
        letters_(shared, settings_.dead_letters_max),
        recent_(home_, time) {}

  [[nodiscard]] asio::awaitable<outcome> take(change one, deadline until);
  [[nodiscard]] asio::awaitable<result<std::optional<outcome>>> replay(std::string number, deadline until);

  /// All but what is to do with repetitions.
  [[nodiscard]] asio::awaitable<outcome> apply(const change& one, deadline until);
  [[nodiscard]] asio::awaitable<void> invalidate(outcome& of, std::vector<scope> scopes, deadline until);
  [[nodiscard]] asio::awaitable<void> keep(outcome& of, const change& one, deadline until);
  [[nodiscard]] outcome noted(outcome one);
  [[nodiscard]] asio::awaitable<void> stop();

  const intake_settings settings_;
  const asio::any_io_executor home_;
  const clock& time_;
  const std::function<void(const change&)> on_event_;
  event_memory memory_;
  merger merger_;
  dead_letter_list letters_;
  recent_outcomes recent_;
  std::array<std::atomic<std::uint64_t>, 5> counts_{};  // by verdict
  std::atomic<std::uint64_t> merged_{0};
  std::atomic<std::uint64_t> unsigned_{0};
  std::atomic<std::uint64_t> unreadable_{0};
};

asio::awaitable<outcome> intake::impl::take(change one, deadline until) {
  const auto mark = memory_.mark_of(one);
  if (!mark.empty() && co_await memory_.knows(mark, until)) {
    outcome again{.what = verdict::duplicate, .type = one.type, .source = one.source, .id = one.id};
    co_return noted(std::move(again));
  }
  auto done = co_await apply(one, until);
  if (done.what == verdict::rejected) co_await keep(done, one, until);
  if (done.what != verdict::failed) {
    if (!mark.empty()) co_await memory_.remember(mark, until);
    if (on_event_) on_event_(one);
  }
  co_return noted(std::move(done));
}

asio::awaitable<outcome> intake::impl::apply(const change& one, deadline until) {
  outcome done{.what = verdict::rejected, .type = one.type, .source = one.source, .id = one.id};
  if (one.type.empty()) done.why = "the event has no type";
  if (one.document.size() > document_bytes_max) done.why = "the event is larger than 256 KiB";
  if (!done.why.empty()) co_return done;
  const auto scopes = scopes_of(one, settings_.rules);
  if (!scopes) {
    done.why = sentence_of(scopes.error(), *rule_for(one.type, settings_.rules));
  } else if (!*scopes) {
    done.what = verdict::ignored;
  } else {
    auto wanted = **scopes;
    co_await invalidate(done, std::move(wanted), until);
  }
  co_return done;
}

asio::awaitable<void> intake::impl::invalidate(outcome& of, std::vector<scope> scopes, deadline until) {
  constexpr std::size_t type_bytes_max = 100;
  const auto reason = "event " + shortened(of.type, type_bytes_max);
  std::vector<asio::awaitable<merger::merged>> works;
  for (auto& what : scopes) {
    invalidation message{.what = std::move(what), .reason = reason};
    works.push_back(merger_.invalidate(std::move(message), until));
  }
  const auto all = co_await gather(std::move(works));
  of.what = verdict::invalidated;
  bool joined = true;
  for (const auto& [done, was_joined] : all) {
    joined = joined && was_joined;
    if (done) {
      of.receipts.push_back(*done);
    } else {
      of.what = verdict::failed;
      of.error = done.error();
    }
  }
  if (of.what == verdict::failed) {
    of.receipts.clear();
    of.why = of.error.message();
  } else if (joined) {
    merged_.fetch_add(1);
  }
}

// An event that is not even kept is to be sent again.
asio::awaitable<void> intake::impl::keep(outcome& of, const change& one, deadline until) {
  constexpr std::uint64_t number_bits = 48;
  dead_letter letter{.number = fmt::format("{:012x}", random_u64() >> (64 - number_bits)),
                     .why = of.why,
                     .what = one,
                     .at = time_.wall()};
  const auto kept = co_await letters_.add(std::move(letter), until);
  if (kept) co_return;
  of.what = verdict::failed;
  of.error = kept.error();
  of.why += "; and the list of dead letters cannot be reached";
}

asio::awaitable<result<std::optional<outcome>>> intake::impl::replay(std::string number, deadline until) {
  using replayed = std::optional<outcome>;
  auto found = co_await letters_.find(std::move(number), until);
  if (!found) co_return found.error();
  if (!*found) co_return replayed{};
  const auto one = (*found)->letter.what;
  auto done = co_await apply(one, until);
  if (done.what == verdict::invalidated || done.what == verdict::ignored) {
    auto letter = **std::move(found);
    const auto removed = co_await letters_.remove(std::move(letter), until);
    // It may be replayed again, which does no harm.
    if (!removed) log::out().warn("a replayed event stays a dead letter: {}", removed.error().message());
  }
  co_return replayed{noted(std::move(done))};
}

outcome intake::impl::noted(outcome one) {
  counts_[static_cast<std::size_t>(one.what)].fetch_add(1);
  return recent_.note(std::move(one));
}

asio::awaitable<void> intake::impl::stop() {
  recent_.stop();
  co_await merger_.stop();
}

intake::intake(orchestrator& cache, intake_settings settings, asio::any_io_executor home,
               std::shared_ptr<shared_store> shared, std::function<void(const change&)> on_event,
               const clock& time)
    : impl_(std::make_shared<impl>(cache, std::move(settings), std::move(home), shared, std::move(on_event),
                                   time)) {}

intake::~intake() = default;

asio::awaitable<outcome> intake::take(change one, deadline until) {
  auto work = impl_->take(std::move(one), until);
  co_return co_await run_on(impl_->home_, std::move(work));
}

asio::awaitable<std::vector<outcome>> intake::recent(std::optional<std::uint64_t> after, std::size_t most,
                                                     deadline until) {
  auto work = impl_->recent_.read_when(after, most, until);
  co_return co_await run_on(impl_->home_, std::move(work));
}

asio::awaitable<result<std::vector<dead_letter>>> intake::dead_letters(deadline until) {
  auto work = impl_->letters_.all(until);
  co_return co_await run_on(impl_->home_, std::move(work));
}

asio::awaitable<result<std::optional<outcome>>> intake::replay(std::string number, deadline until) {
  auto work = impl_->replay(std::move(number), until);
  co_return co_await run_on(impl_->home_, std::move(work));
}

intake::counts intake::stats() const {
  const auto of = [&](verdict what) { return impl_->counts_[static_cast<std::size_t>(what)].load(); };
  return {.invalidated = of(verdict::invalidated),
          .ignored = of(verdict::ignored),
          .duplicate = of(verdict::duplicate),
          .rejected = of(verdict::rejected),
          .failed = of(verdict::failed),
          .merged = impl_->merged_.load(),
          .unsigned_ = impl_->unsigned_.load(),
          .unreadable = impl_->unreadable_.load()};
}

void intake::count_unsigned() noexcept {
  impl_->unsigned_.fetch_add(1);
}

void intake::count_unreadable() noexcept {
  impl_->unreadable_.fetch_add(1);
}

asio::awaitable<void> intake::stop() {
  auto work = impl_->stop();
  co_await run_on(impl_->home_, std::move(work));
}

std::string_view name(outcome::verdict what) {
  constexpr std::array<std::string_view, 5> names{"invalidated", "ignored", "duplicate", "rejected",
                                                  "failed"};
  return names[static_cast<std::size_t>(what)];
}

}  // namespace ctxcache::changes
