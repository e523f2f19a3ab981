#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli.hpp"
#include "fake_daemon.hpp"

namespace ctxcache::client {

/// How the client ended and what it printed.
struct ran {
  exit_code code;
  std::string out;
  std::string err;
};

inline ran run_client(std::vector<std::string> words) {
  std::vector<const char*> argv{"ctxcache"};
  for (const auto& one : words) argv.push_back(one.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto code = run(static_cast<int>(argv.size()), argv.data());
  auto out = testing::internal::GetCapturedStdout();
  return {code, std::move(out), testing::internal::GetCapturedStderr()};
}

inline ran run_at(const fake_daemon& daemon, std::vector<std::string> words) {
  words.insert(words.end(), {"--url", daemon.url()});
  return run_client(std::move(words));
}

[[nodiscard]] inline fake_daemon answering(int status, std::string body, std::string headers = {}) {
  return fake_daemon{[=](const auto&) { return fake_daemon::answer{status, body, headers}; }};
}

}  // namespace ctxcache::client
