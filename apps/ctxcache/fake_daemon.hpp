#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ctxcache::client {

/// Answers the client's requests from a script; for tests.
class fake_daemon {
 public:
  struct request {
    std::string head;  ///< request line and headers
    std::string body;
  };
  struct answer {
    int status = 200;
    std::string body{};
    std::string headers{};  ///< whole lines
  };
  using script = std::function<answer(const request&)>;

  explicit fake_daemon(script how);
  ~fake_daemon();
  fake_daemon(const fake_daemon&) = delete;
  fake_daemon& operator=(const fake_daemon&) = delete;

  [[nodiscard]] std::string url() const;
  /// What it was asked so far.
  [[nodiscard]] std::vector<request> asked() const;

 private:
  void serve();
  void serve_one(int connection);

  script how_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<request> asked_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace ctxcache::client
