#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ctxcache/position.hpp"
#include "world/world.hpp"

namespace ctxcache::sim {

/// Those who read at each daemon, and one writer for each customer, who commits and then invalidates or puts.
class clients {
 public:
  clients(world& in, time_point until);

  /// Starts them all.
  void begin();
  enum class manner { any, plain, bypass };
  /// A read, whatever comes of it.
  void read(std::size_t place, const key& wanted, manner of = manner::any);

 private:
  [[nodiscard]] bool over() const { return world_.now() >= until_; }
  void read_all(std::size_t place);
  boost::asio::awaitable<void> keep_reading(std::size_t place);
  boost::asio::awaitable<void> keep_writing(std::string customer);
  boost::asio::awaitable<void> commit(std::string customer);
  boost::asio::awaitable<void> invalidate(std::size_t place, scope what, bool fence);
  boost::asio::awaitable<void> put(std::size_t place, key where);
  [[nodiscard]] scope some_scope(const std::string& customer);
  void read_everywhere(const scope& what, boot_clock::duration within);

  world& world_;
  const time_point until_;
  std::map<std::string, std::uint64_t> committed_;  // of which the writers know
  std::optional<position> token_;                   // the newest answer's
};

}  // namespace ctxcache::sim
