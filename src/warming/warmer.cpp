#include "warming/warmer.hpp"

#include <array>

#include "base/run_on.hpp"
#include "warming/warmer_impl.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;

std::string_view name(job_report::state now) {
  constexpr std::array<std::string_view, 6> names{"running", "paused",    "holding",
                                                  "done",    "cancelled", "failed"};
  return names[static_cast<std::size_t>(now)];
}

warmer::warmer(orchestrator& cache, warmer_settings settings, warmer_parts with)
    : impl_(std::make_shared<impl>(cache, settings, std::move(with))) {}

warmer::~warmer() = default;

std::string warmer::refusal(const warm_order& order) const {
  return impl_->refusal(order);
}

std::vector<std::string> warmer::segments() const {
  std::vector<std::string> names;
  for (const auto& [name, list] : impl_->with.segments) names.push_back(name);
  return names;
}

warming_totals warmer::totals() const noexcept {
  const auto& counted = impl_->counted;
  return {.running = counted.running,
          .loaded = counted.loaded,
          .already_warm = counted.already_warm,
          .failed = counted.failed,
          .hit_later = counted.hit_later};
}

asio::awaitable<result<warmer::started>> warmer::start(warm_order order, deadline until) {
  auto work = impl_->start(std::move(order), until);
  co_return co_await run_on(impl_->with.home, std::move(work));
}

asio::awaitable<result<std::optional<job_report>>> warmer::show(std::string id, deadline until) {
  auto work = impl_->show(std::move(id), until);
  co_return co_await run_on(impl_->with.home, std::move(work));
}

asio::awaitable<result<std::optional<job_report>>> warmer::cancel(std::string id, deadline until) {
  auto work = impl_->cancel(std::move(id), until);
  co_return co_await run_on(impl_->with.home, std::move(work));
}

asio::awaitable<result<std::vector<run_report>>> warmer::runs(std::size_t most, deadline until) {
  auto work = impl_->runs(most, until);
  co_return co_await run_on(impl_->with.home, std::move(work));
}

asio::awaitable<void> warmer::begin() {
  auto work = impl_->begin();
  co_await run_on(impl_->with.home, std::move(work));
}

asio::awaitable<void> warmer::stop() {
  auto work = impl_->stop();
  co_await run_on(impl_->with.home, std::move(work));
}

}  // namespace ctxcache::warming
