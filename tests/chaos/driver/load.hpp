#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "wire.hpp"
#include "world.hpp"

namespace ctxcache::chaos {

struct load_options {
  std::size_t customers = 14;
  std::size_t quiet = 2;                   ///< of them, those whose writers never invalidate
  std::uint64_t reads_per_second = 3'000;  ///< at each daemon
  bool writes = true;
};

/// Readers at every daemon and one writer for each customer: it commits, invalidates by one of all the ways
/// there are, and reads what it wrote. All of it is recorded.
class load {
 public:
  load(boost::asio::io_context& loop, world& shared);

  /// Not while it runs.
  void start(const load_options& how);
  /// Returns when the last call has been answered.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  using wires = std::array<wire, world::fleet_size>;
  struct order {
    reach what;
    bool fence = false;
  };

  [[nodiscard]] boost::asio::awaitable<void> read_at(std::size_t index);
  [[nodiscard]] boost::asio::awaitable<void> read_each(slot& at, wire& over);
  [[nodiscard]] boost::asio::awaitable<void> read_together(slot& at, wire& over);
  [[nodiscard]] boost::asio::awaitable<void> write_for(std::string customer, bool quiet);
  [[nodiscard]] boost::asio::awaitable<void> change(std::string customer, wires& over);
  [[nodiscard]] boost::asio::awaitable<void> put(key_name what, slot& at, wire& over);
  [[nodiscard]] boost::asio::awaitable<receipt> invalidate(order said, slot& at, wire& over);
  [[nodiscard]] boost::asio::awaitable<void> read_own(key_name what, std::string position, wires& over);
  [[nodiscard]] boost::asio::awaitable<void> rest(std::chrono::microseconds how_long);

  void count_read(slot& at, const document& got);
  [[nodiscard]] std::vector<key_name> any_keys(std::size_t count);
  [[nodiscard]] reach any_reach(const std::string& customer);
  [[nodiscard]] wires make_wires() const;

  boost::asio::io_context& loop_;
  world& shared_;
  load_options how_;
  bool running_ = false;
  std::unique_ptr<gate> tasks_;
};

/// One of the customer's contexts that the invalidation covers.
[[nodiscard]] key_name covered_key(const reach& what, const std::string& customer);

}  // namespace ctxcache::chaos
