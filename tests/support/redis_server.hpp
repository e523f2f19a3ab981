#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/child_process.hpp"

namespace ctxcache::test {

/// A real redis-server on a free port of 127.0.0.1, with a folder of its own; it keeps nothing on disk.
class redis_server {
 public:
  /// Starts it with these further options ("--requirepass", "secret") and waits until it answers.
  explicit redis_server(std::vector<std::string> options = {});

  /// Starts it again, empty, on the same port; waits until it answers.
  void start();
  /// Ends it at once, as a crash does.
  void kill();
  /// Stops its process (SIGSTOP): it still accepts connections and answers nothing, until `resume`.
  void hang() const;
  void resume() const;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

  /// Runs one command over a connection of its own and gives the answer's text: of a string the string, of an
  /// integer its digits, of an error "-ERR …", "(nil)" for nil; arrays as one element a line. Blocks. Throws
  /// std::runtime_error when the server cannot be reached.
  [[nodiscard]] std::string command(const std::vector<std::string>& words) const;

 private:
  temporary_folder folder_;
  int port_;
  std::vector<std::string> options_;
  std::optional<child_process> process_;
};

}  // namespace ctxcache::test
