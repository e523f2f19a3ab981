#include "changes/recent_outcomes.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "base/run_on.hpp"
#include "changes/encoding.hpp"

namespace ctxcache::changes {

namespace asio = boost::asio;

outcome recent_outcomes::note(outcome one) {
  one.number = ++last_;
  one.at = time_.wall();
  if (kept_.size() == kept_max) kept_.pop_front();
  kept_.push_back(one);
  // The sender's texts have no limit of their own; a thousand of them do.
  constexpr std::size_t bytes_max = 256;
  for (auto* text : {&kept_.back().type, &kept_.back().source, &kept_.back().id})
    *text = shortened(*text, bytes_max);
  wake();
  return one;
}

asio::awaitable<std::vector<outcome>> recent_outcomes::read_when(std::optional<std::uint64_t> after,
                                                                 std::size_t most, deadline until) {
  // A number of an earlier start of this process.
  if (after && *after > last_) after = 0;
  auto found = read(after, most);
  while (found.empty() && !stopped_ && !until.passed(time_.now())) {
    const auto pause = std::make_shared<timer>(home_);
    waiting_.push_back(pause);
    pause->expires_after(until.within(time_.now(), std::chrono::hours{1}).remaining(time_.now()));
    const auto [how] = co_await pause->async_wait(quietly);
    std::erase(waiting_, pause);
    found = read(after, most);
    if (how != asio::error::operation_aborted) break;
  }
  co_return found;
}

std::vector<outcome> recent_outcomes::read(std::optional<std::uint64_t> after, std::size_t most) const {
  const auto unread = after ? std::min<std::uint64_t>(last_ - *after, kept_.size()) : kept_.size();
  const auto wanted = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(unread, most));
  const auto first = kept_.end() - (after ? static_cast<std::ptrdiff_t>(unread) : wanted);
  return {first, first + wanted};
}

void recent_outcomes::wake() {
  for (const auto& pause : waiting_) pause->cancel();
}

void recent_outcomes::stop() {
  stopped_ = true;
  wake();
}

}  // namespace ctxcache::changes
