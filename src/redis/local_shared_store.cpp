#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ctxcache/shared_store.hpp"
#include "redis/shared_limits.hpp"

namespace ctxcache {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// An error_code converts to bool too, so a result<bool> has to be told which of the two it is.
result<bool> failed(error_code why) {
  return {boost::system::in_place_error, why};
}

/// Things under names, each with an end. What has ended is dropped when they have become twice as many.
template <class Thing>
class mortals {
 public:
  /// Null when there is none, or it has ended.
  [[nodiscard]] Thing* find(const std::string& name, time_point now) {
    const auto found = all_.find(name);
    return found != all_.end() && now < found->second.end ? &found->second.thing : nullptr;
  }
  /// The one there is, or a new one; it ends then.
  Thing& renew(const std::string& name, time_point now, milliseconds life) {
    if (find(name, now) == nullptr) {
      if (all_.size() >= sweep_at_) sweep(now);
      all_.insert_or_assign(name, mortal{});
    }
    auto& one = all_[name];
    one.end = now + life;
    return one.thing;
  }
  void erase(const std::string& name) { all_.erase(name); }

 private:
  struct mortal {
    Thing thing{};
    time_point end{};
  };
  static constexpr std::size_t swept_min = 1'024;

  void sweep(time_point now) {
    std::erase_if(all_, [now](const auto& one) { return one.second.end <= now; });
    sweep_at_ = std::max(swept_min, 2 * all_.size());
  }

  std::unordered_map<std::string, mortal> all_;
  std::size_t sweep_at_ = swept_min;
};

class local_shared_store final : public shared_store {
 public:
  explicit local_shared_store(const clock& time) : time_(time) {}

  asio::awaitable<result<bool>> hold(lease wanted, milliseconds term, deadline until) override {
    if (const auto fault = lease_fault(wanted)) co_return failed(fault);
    if (const auto fault = life_fault(term)) co_return failed(fault);
    if (const auto late = lateness(until)) co_return failed(late);
    if (held_by_another(wanted)) co_return false;
    leases_.renew(wanted.name, time_.now(), term) = wanted.holder;
    co_return true;
  }

  asio::awaitable<result<void>> release(lease held, deadline until) override {
    if (const auto fault = lease_fault(held)) co_return fault;
    if (const auto late = lateness(until)) co_return late;
    if (!held_by_another(held)) leases_.erase(held.name);
    co_return result<void>{};
  }

  asio::awaitable<result<std::optional<std::string>>> get(std::string name, deadline until) override {
    if (const auto fault = name_fault(name)) co_return fault;
    if (const auto late = lateness(until)) co_return late;
    std::optional<std::string> found;
    if (const auto* const value = facts_.find(name, time_.now())) found = *value;
    co_return found;
  }

  asio::awaitable<result<bool>> put(fact what, std::optional<lease> under, deadline until) override {
    if (const auto fault = fact_fault(what, under)) co_return failed(fault);
    if (const auto late = lateness(until)) co_return failed(late);
    const auto now = time_.now();
    if (under) {
      const auto* const holder = leases_.find(under->name, now);
      if (holder == nullptr || *holder != under->holder) co_return false;
    }
    facts_.renew(what.name, now, what.life) = std::move(what.value);
    co_return true;
  }

  asio::awaitable<result<void>> remove(std::string name, deadline until) override {
    if (const auto fault = name_fault(name)) co_return fault;
    if (const auto late = lateness(until)) co_return late;
    facts_.erase(name);
    co_return result<void>{};
  }

  asio::awaitable<result<void>> append(std::string list, std::string value, std::size_t most,
                                       deadline until) override {
    if (const auto fault = list_fault(list, most)) co_return fault;
    if (const auto fault = value_fault(value)) co_return fault;
    if (const auto late = lateness(until)) co_return late;
    auto& values = lists_.renew(list, time_.now(), shared_list_life);
    values.push_back(std::move(value));
    while (values.size() > most) values.pop_front();
    co_return result<void>{};
  }

  asio::awaitable<result<std::vector<std::string>>> list(std::string list, std::size_t most,
                                                         deadline until) override {
    if (const auto fault = list_fault(list, most)) co_return fault;
    if (const auto late = lateness(until)) co_return late;
    std::vector<std::string> found;
    if (const auto* const values = lists_.find(list, time_.now())) {
      auto first = values->end();
      std::size_t count = 0, bytes = 0;
      while (first != values->begin() && count < most) {
        bytes += std::prev(first)->size();
        if (bytes > shared_list_bytes_max) break;
        --first;
        ++count;
      }
      found.assign(first, values->end());
    }
    co_return found;
  }

  asio::awaitable<result<bool>> take(std::string list, std::string value, deadline until) override {
    if (const auto fault = name_fault(list)) co_return failed(fault);
    if (const auto late = lateness(until)) co_return failed(late);
    co_return take_now(list, value);
  }

  asio::awaitable<result<bool>> replace(std::string list, std::string value, std::string by,
                                        deadline until) override {
    if (const auto fault = name_fault(list)) co_return failed(fault);
    if (const auto fault = value_fault(by)) co_return failed(fault);
    if (const auto late = lateness(until)) co_return failed(late);
    if (!take_now(list, value)) co_return false;
    lists_.renew(list, time_.now(), shared_list_life).push_back(std::move(by));
    co_return true;
  }

  asio::awaitable<result<void>> mark(std::string set, std::vector<std::uint32_t> places, milliseconds life,
                                     deadline until) override {
    if (const auto fault = name_fault(set)) co_return fault;
    if (const auto fault = life_fault(life)) co_return fault;
    if (const auto fault = places_fault(places)) co_return fault;
    if (const auto late = lateness(until)) co_return late;
    auto& marks = marks_.renew(set, time_.now(), life);
    for (const auto place : places) {
      if (marks.size() <= place) marks.resize(place + std::size_t{1});
      marks[place] = true;
    }
    co_return result<void>{};
  }

  asio::awaitable<result<std::size_t>> marked(std::string set, deadline until) override {
    if (const auto fault = name_fault(set)) co_return fault;
    if (const auto late = lateness(until)) co_return late;
    const auto* const marks = marks_.find(set, time_.now());
    co_return marks == nullptr ? std::size_t{0} : static_cast<std::size_t>(std::ranges::count(*marks, true));
  }

  asio::awaitable<void> stop() override { co_return; }

 private:
  [[nodiscard]] error_code lateness(deadline until) const {
    return until.passed(time_.now()) ? error_code{errc::l2_timeout} : error_code{};
  }
  [[nodiscard]] bool held_by_another(const lease& wanted) {
    const auto* const holder = leases_.find(wanted.name, time_.now());
    return holder != nullptr && *holder != wanted.holder;
  }
  bool take_now(const std::string& list, const std::string& value) {
    auto* const values = lists_.find(list, time_.now());
    if (values == nullptr) return false;
    const auto found = std::ranges::find(*values, value);
    const bool there = found != values->end();
    if (there) values->erase(found);
    return there;
  }

  const clock& time_;
  mortals<std::string> leases_;  // by name: the holder
  mortals<std::string> facts_;
  mortals<std::deque<std::string>> lists_;
  mortals<std::vector<bool>> marks_;
};

}  // namespace

std::unique_ptr<shared_store> make_local_shared_store(const clock& time) {
  return std::make_unique<local_shared_store>(time);
}

}  // namespace ctxcache
