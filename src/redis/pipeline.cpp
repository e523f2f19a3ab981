#include "redis/pipeline.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.hpp"

namespace ctxcache::redis {

result<pipeline::ticket> pipeline::submit(batch what, deadline until) {
  CTX_ASSERT(what.size() > 0);
  if (poisoned_) return errc::l2_unavailable;
  const auto commands = what.size();
  const auto bytes = what.bytes().size();
  if (unsent_commands_ + sent_commands_ + commands > most_.commands) return errc::overloaded;
  if (bytes_in_flight_ + bytes > most_.bytes) return errc::overloaded;

  unsent_commands_ += commands;
  bytes_in_flight_ += bytes;
  in_flight_.push_back({.whose = ++last_ticket_, .commands = commands, .bytes = bytes, .until = until});
  if (output_.empty() && output_.capacity() < bytes) {
    output_ = std::move(what).bytes();
  } else {
    output_ += what.bytes();
  }
  return last_ticket_;
}

std::string pipeline::take_output(std::string spent) {
  constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;  // one large value must not stay allocated
  spent.clear();
  if (spent.capacity() > kept_bytes_max) spent = {};
  sent_commands_ += std::exchange(unsent_commands_, 0);
  return std::exchange(output_, std::move(spent));
}

std::vector<pipeline::answer> pipeline::feed(std::string_view bytes) {
  if (poisoned_) return {};
  auto replies = parser_.feed(bytes);
  if (!replies) return poison();

  std::vector<answer> finished;
  for (auto& one : *replies) {
    if (sent_commands_ == 0) {  // an answer to nothing: every later one would belong to another
      std::ranges::move(poison(), std::back_inserter(finished));
      break;
    }
    --sent_commands_;
    auto& first = in_flight_.front();
    first.replies.push_back(std::move(one));
    if (first.replies.size() < first.commands) continue;
    bytes_in_flight_ -= first.bytes;
    finished.push_back({first.whose, std::move(first.replies)});
    in_flight_.pop_front();
  }
  return finished;
}

std::vector<pipeline::answer> pipeline::expire(time_point now) {
  if (!next_deadline().passed(now)) return {};
  const auto overdue = std::exchange(in_flight_, {});
  poisoned_ = true;
  std::vector<answer> ended;
  for (const auto& one : overdue) {
    ended.push_back({one.whose, one.until.passed(now) ? errc::l2_timeout : errc::l2_unavailable});
  }
  return ended;
}

std::vector<pipeline::answer> pipeline::poison() {
  poisoned_ = true;
  std::vector<answer> ended;
  for (const auto& one : std::exchange(in_flight_, {})) ended.push_back({one.whose, errc::l2_unavailable});
  return ended;
}

deadline pipeline::next_deadline() const {
  deadline earliest;
  for (const auto& one : in_flight_) earliest.at = std::min(earliest.at, one.until.at);
  return earliest;
}

}  // namespace ctxcache::redis
