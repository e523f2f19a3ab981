#include "changes/event_memory.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <optional>

namespace ctxcache::changes {

namespace asio = boost::asio;

namespace {

// Without an answer by then the event is taken: once too often does no harm.
constexpr std::chrono::milliseconds patience{100};

}  // namespace

std::string event_memory::mark_of(const change& one) const {
  if (one.id.empty() || window_.count() <= 0) return {};
  // With its length, a source and an id cannot be mistaken for another source and id.
  const auto both = fmt::format("{}:{}{}", one.source.size(), one.source, one.id);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(both.data()), both.size(), digest.data());
  return fmt::format("event/{:02x}", fmt::join(digest, ""));
}

asio::awaitable<bool> event_memory::knows(std::string mark, deadline until) {
  forget_old();
  if (own_.contains(mark)) co_return true;
  const auto answer_by = soon(until);
  const auto found = co_await shared_->get(std::move(mark), answer_by);
  co_return found && found->has_value();
}

asio::awaitable<void> event_memory::remember(std::string mark, deadline until) {
  const auto forgotten_at = time_.now() + window_;
  if (own_.insert_or_assign(mark, forgotten_at).second) in_order_.emplace_back(forgotten_at, mark);
  forget_old();
  shared_store::fact taken{.name = std::move(mark), .value = "1", .life = window_};
  const auto answer_by = soon(until);
  // Unanswered, the other processes do not know of it: see `patience`.
  static_cast<void>(co_await shared_->put(std::move(taken), std::nullopt, answer_by));
}

void event_memory::forget_old() {
  const auto now = time_.now();
  while (!in_order_.empty() && (in_order_.front().first <= now || in_order_.size() > own_max)) {
    own_.erase(in_order_.front().second);
    in_order_.pop_front();
  }
}

deadline event_memory::soon(deadline until) const {
  return until.within(time_.now(), patience);
}

}  // namespace ctxcache::changes
