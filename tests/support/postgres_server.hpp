#pragma once

#include <optional>
#include <string>

#include "support/child_process.hpp"

namespace ctxcache::test {

/// A PostgreSQL of its own, in a temporary folder, on a free loopback port. It refuses to run as root, so
/// under root it runs as the user `postgres`.
class postgres_server {
 public:
  /// Returns when it answers. Throws std::runtime_error, with the server's log, when it does not.
  postgres_server();
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const;
  /// Runs SQL statements with psql. Throws std::runtime_error when one fails.
  void run(const std::string& sql) const;
  /// What psql prints for a query, unaligned and without header.
  [[nodiscard]] std::string query(const std::string& sql) const;

  /// Ends it as a crash would, and returns when it is gone.
  void kill();
  /// Starts it on the same port and data, and returns when it answers.
  void start();

 private:
  [[nodiscard]] std::string log() const;

  temporary_folder folder_;
  int port_;
  std::optional<child_process> process_;
};

}  // namespace ctxcache::test
