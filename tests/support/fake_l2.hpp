#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/l2_cache.hpp"
#include "ctxcache/position.hpp"

namespace ctxcache::test {

/// The shared tier as a map of encoded values, with faults that a test sets. Every call suspends once, as a
/// real one does, but for those that are refused.
class fake_l2 final : public l2_cache {
 public:
  enum class fault {
    none,
    down,     ///< everything is l2_unavailable, at once
    refused,  ///< the same without suspending, as where there is no connection
    slow,     ///< everything is l2_timeout, at once too: no test waits for a deadline
    full,     ///< `put` is l2_failed, the rest works
    corrupt,  ///< what is read cannot be decoded
  };
  struct call_counts {
    std::size_t get = 0;  ///< a get_many is one
    std::size_t put = 0;
    std::size_t unlink = 0;
    std::size_t scan = 0;
  };

  explicit fake_l2(const clock& time) : time_(time) {}

  void fail_with(fault what) { fault_ = what; }
  [[nodiscard]] const call_counts& calls() const { return calls_; }
  /// How many values it holds, dead ones too.
  [[nodiscard]] std::size_t size() const { return values_.size(); }

  boost::asio::awaitable<result<hit>> get(key wanted, deadline until) override;
  boost::asio::awaitable<std::vector<result<hit>>> get_many(std::vector<key> wanted, deadline until) override;
  boost::asio::awaitable<result<bool>> put(key where, entry_ptr value, deadline until) override;
  boost::asio::awaitable<result<std::size_t>> unlink(std::vector<key> gone, position before,
                                                     deadline until) override;
  boost::asio::awaitable<result<page>> scan(std::string glob, std::uint64_t cursor, deadline until) override;
  [[nodiscard]] health report() const override;
  boost::asio::awaitable<void> stop() override;

 private:
  struct stored {
    std::string bytes;
    position stamp;
    time_point expires_at;
  };

  boost::asio::awaitable<result<void>> answer(deadline until);
  [[nodiscard]] bool is_alive(const std::string& text) const;
  [[nodiscard]] result<hit> find(const key& wanted) const;
  bool remove(const key& one, const position& before);
  result<bool> store(const key& where, const entry& value);
  [[nodiscard]] result<page> scan_page(const std::string& glob, std::uint64_t cursor) const;
  [[nodiscard]] std::chrono::milliseconds milliseconds_until(time_point then) const;

  const clock& time_;
  std::map<std::string, stored> values_;
  fault fault_ = fault::none;
  call_counts calls_;
  bool stopped_ = false;
};

}  // namespace ctxcache::test
