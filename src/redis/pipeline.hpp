#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "ctxcache/deadline.hpp"
#include "ctxcache/error.hpp"
#include "redis/resp.hpp"

namespace ctxcache::redis {

/// What is in flight on one connection, without the connection: commands go in, bytes to write come out;
/// bytes read go in, answers come out.
///
/// Answers are matched to batches by their order alone. So whatever could put that order in doubt (a timeout,
/// a cancellation, an answer nobody asked for, bytes that are not RESP) poisons the pipeline for good: what
/// is in flight ends with errc::l2_unavailable, and the connection must be closed.
class pipeline {
 public:
  using ticket = std::uint64_t;
  struct limits {
    std::size_t commands = 4'096;
    std::size_t bytes = std::size_t{64} << 20;
  };
  struct answer {
    ticket whose;
    result<std::vector<reply>> got;  ///< a reply for each command
  };

  pipeline() : pipeline(limits{}) {}
  explicit pipeline(const limits& most) : most_(most) {}

  /// Queues a batch of at least one command. errc::overloaded over a limit, l2_unavailable once poisoned.
  [[nodiscard]] result<ticket> submit(batch what, deadline until);

  [[nodiscard]] std::size_t commands_to_write() const { return unsent_commands_; }
  /// All that is to be written now; from here on its answers may arrive. Gives the storage of `spent` back to
  /// use.
  [[nodiscard]] std::string take_output(std::string spent = {});

  /// The batches that these bytes finish.
  [[nodiscard]] std::vector<answer> feed(std::string_view bytes);
  /// When a batch is overdue: that one with errc::l2_timeout, and all the others. Else nothing.
  [[nodiscard]] std::vector<answer> expire(time_point now);
  /// Everything in flight: one of its callers went away, or the connection is lost.
  [[nodiscard]] std::vector<answer> poison();

  [[nodiscard]] bool poisoned() const { return poisoned_; }
  /// The earliest of those in flight.
  [[nodiscard]] deadline next_deadline() const;

 private:
  struct pending {
    ticket whose;
    std::size_t commands;
    std::size_t bytes;
    deadline until;
    std::vector<reply> replies{};
  };

  limits most_;
  reply_parser parser_;
  std::deque<pending> in_flight_;  // in the order of their answers
  std::string output_;             // of the last batches in flight
  std::size_t unsent_commands_ = 0;
  std::size_t sent_commands_ = 0;  // and not answered yet
  std::size_t bytes_in_flight_ = 0;
  ticket last_ticket_ = 0;
  bool poisoned_ = false;
};

}  // namespace ctxcache::redis
