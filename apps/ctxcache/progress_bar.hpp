#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "terminal.hpp"

namespace ctxcache::client {

/// "[#####.....]"
[[nodiscard]] std::string drawn_bar(std::size_t done, std::size_t all);
/// "[#####.....] 50 of 100, 25/s, 2 s left"
[[nodiscard]] std::string progress_text(std::size_t done, std::size_t all, std::chrono::milliseconds since);

/// A line on stderr that is drawn over itself; nothing where stderr is no screen.
class progress_bar {
 public:
  progress_bar(const terminal& screen, std::size_t all) : shown_(screen.tells), all_(all) {}
  ~progress_bar() { clear(); }
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  void show(std::size_t done);
  /// Says what is waited for instead.
  void say(std::string_view what);
  /// Takes it away, so that something else can be said; the next `show` brings it back.
  void clear();

 private:
  using clock = std::chrono::steady_clock;

  void draw(std::string_view text);

  bool shown_;
  std::size_t all_;
  clock::time_point begun_ = clock::now();
  clock::time_point drawn_{};
  bool there_ = false;
};

}  // namespace ctxcache::client
