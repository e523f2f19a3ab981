#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "keys.hpp"

namespace ctxcache::chaos {

/// Microseconds of the clock that all recorders on this machine share.
[[nodiscard]] std::int64_t now_us();

/// When a call was sent, and when its whole answer was here.
struct interval {
  std::int64_t invoked = 0;
  std::int64_t answered = 0;
};

/// What the answer to an invalidation or a PUT says.
struct receipt {
  unsigned status = 0;
  std::string position{};  ///< empty: none
  bool confirmed = false;
  bool queued = false;
};

/// What a read was answered.
struct document {
  unsigned status = 0;
  std::string source{};
  std::string position{};
  std::int64_t version = -1;  ///< -1: none
  std::string customer{};
  std::string agent_type{};
};

/// How a read asks.
struct read_kind {
  std::string min_position{};  ///< empty: none
  bool strict = false;
  bool bypass = false;
};

/// Writes what happened, as tests/sim/HISTORY.md lays it down. While no file is open it writes nothing.
class history {
 public:
  /// Throws std::runtime_error.
  void open(const std::string& path);
  void close();

  void constants(std::string_view fields);
  void fault(std::string_view kind, interval when);
  void commit(std::string_view customer, std::int64_t version, interval when);
  void load(std::string_view process, const key_name& what, std::int64_t version, interval when);
  void read(std::string_view process, const key_name& what, const read_kind& how, const document& got,
            interval when);
  void put(std::string_view process, const key_name& what, std::int64_t version, const receipt& got,
           interval when);
  void invalidate(std::string_view process, const reach& what,
                  const std::map<std::string, std::int64_t>& versions, bool fence, const receipt& got,
                  interval when);

 private:
  struct closer {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  void line(std::string_view text);

  std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace ctxcache::chaos
