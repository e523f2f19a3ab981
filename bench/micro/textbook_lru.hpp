#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "ctxcache/clock.hpp"
#include "ctxcache/entry.hpp"

namespace ctxcache::bench {

/// The LRU cache of the textbooks, a mutex around a list and a map: what one would write instead of ours.
class textbook_lru {
 public:
  explicit textbook_lru(std::size_t items_max) : items_max_(items_max) {}

  [[nodiscard]] entry_ptr find(const std::string& wanted, time_point now) {
    const std::lock_guard hold{mutex_};
    const auto one = index_.find(wanted);
    if (one == index_.end() || now >= one->second->keep_until) return nullptr;
    uses_.splice(uses_.begin(), uses_, one->second);
    return one->second->value;
  }

  void put(const std::string& where, entry_ptr value, time_point keep_until) {
    const std::lock_guard hold{mutex_};
    if (const auto old = index_.find(where); old != index_.end()) {
      uses_.erase(old->second);
      index_.erase(old);
    }
    uses_.push_front({where, std::move(value), keep_until});
    index_.emplace(where, uses_.begin());
    if (uses_.size() > items_max_) {
      index_.erase(uses_.back().key);
      uses_.pop_back();
    }
  }

 private:
  struct held {
    std::string key;
    entry_ptr value;
    time_point keep_until;
  };

  std::mutex mutex_;
  std::size_t items_max_;
  std::list<held> uses_;  // most recently used first
  std::unordered_map<std::string, std::list<held>::iterator> index_;
};

}  // namespace ctxcache::bench
