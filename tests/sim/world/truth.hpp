#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

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

/// What the providers know: a version for each customer, and how they are today.
struct truth {
  std::map<std::string, std::uint64_t> versions;
  boot_clock::duration slowest = std::chrono::milliseconds{30};
  unsigned failing_percent = 0;
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
