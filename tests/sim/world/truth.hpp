#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/provider.hpp"
#include "dice.hpp"
#include "history/history.hpp"

namespace ctxcache::sim {

/// Microseconds of virtual time, as histories count them.
[[nodiscard]] history::instant now_in_history();

/// The document of a customer for an agent type at a version.
[[nodiscard]] std::string document(const key& of, std::uint64_t version);
struct documented {
  std::string customer;
  std::string agent_type;
  std::uint64_t version = 0;
};
/// What `document` made.
[[nodiscard]] documented read_document(std::string_view body);

/// What the providers know: the versions of each customer, and how they are today.
class truth {
 public:
  explicit truth(std::chrono::milliseconds settle) : settle_(settle) {}

  void commit(const std::string& customer, std::uint64_t version);
  [[nodiscard]] std::uint64_t version(const std::string& customer) const {
    return commits_.at(customer).back().version;
  }
  /// What it was so long ago, as a replica says that lags.
  [[nodiscard]] std::uint64_t version(const std::string& customer, boot_clock::duration ago) const;
  /// What they say of themselves: they lag by less, by any of the daemons' clocks.
  [[nodiscard]] std::chrono::milliseconds settle() const { return settle_; }
  [[nodiscard]] boot_clock::duration lag(dice& chance) const;

  boot_clock::duration slowest = well;
  unsigned failing_percent = 0;

  static constexpr boot_clock::duration well = std::chrono::milliseconds{30};

 private:
  struct committed {
    time_point at;
    std::uint64_t version;
  };
  const std::chrono::milliseconds settle_;
  std::map<std::string, std::vector<committed>> commits_;
};

/// One process' way to the providers.
class source final : public context_source {
 public:
  source(const truth& of, dice& chance, boost::asio::any_io_executor home, const clock& time,
         std::string process, const bool& dead, history::history& log)
      : truth_(of),
        chance_(chance),
        home_(std::move(home)),
        time_(time),
        process_(std::move(process)),
        dead_(dead),
        log_(log) {}

  boost::asio::awaitable<result<provided_context>> load(key wanted, deadline until) override;

 private:
  const truth& truth_;
  dice& chance_;
  const boost::asio::any_io_executor home_;
  const clock& time_;
  const std::string process_;
  const bool& dead_;  // then nothing more is recorded
  history::history& log_;
};

}  // namespace ctxcache::sim
