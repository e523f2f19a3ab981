#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coherence/journal_records.hpp"
#include "core/journal.hpp"
#include "support/child_process.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache {

/// A record that its reason tells from others.
inline log_record because(std::string reason) {
  return {.what = scope::of("cust_1", "support", std::nullopt).value(),
          .reason = std::move(reason),
          .member = "m1",
          .fence = true};
}

inline std::size_t record_bytes(const std::string& reason) {
  return coherence::encode_journal_record(because(reason)).value().size();
}

class journal_on_disk : public testing::Test {
 protected:
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test::run_coroutine(loop, std::move(work));
  }
  std::unique_ptr<journal> make(std::size_t bytes_max = 1 << 20) {
    return std::make_unique<journal>(journal::options{.path = path, .bytes_max = bytes_max});
  }
  /// A journal that is open; what it found is in `found`.
  std::unique_ptr<journal> opened(std::size_t bytes_max = 1 << 20) {
    auto one = make(bytes_max);
    auto queued = run(one->open());
    EXPECT_TRUE(queued.has_value());
    found.clear();
    for (auto& record : queued.value()) found.push_back(record.reason);
    return one;
  }
  result<void> append(journal& to, std::string reason) { return run(to.append(because(std::move(reason)))); }
  /// What a process finds that starts after this moment's crash.
  std::vector<std::string> after_a_crash() {
    const auto running = path;
    path = folder.path() + "/copy";
    std::filesystem::copy_file(running, path, std::filesystem::copy_options::overwrite_existing);
    opened();
    path = running;
    return found;
  }

  test::temporary_folder folder;
  std::string path = folder.path() + "/journal";
  boost::asio::io_context loop;
  std::vector<std::string> found;
};

}  // namespace ctxcache
