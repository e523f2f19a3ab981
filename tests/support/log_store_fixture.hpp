#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/log_store.hpp"
#include "support/child_process.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {

/// What every log_store must do. `Subject` is default-constructible, empty at first, and has
/// `boost::asio::io_context& loop()`, two members `log_store& mine()` and `log_store& other()` of one fleet,
/// and `const clock& time()`. The fleet's constants are `constants()`; at least 100 and at most 200 messages
/// of 400 are retained.
/// The tests stand in log_store_conformance.hpp.
template <class Subject>
class log_store_conformance : public testing::Test {
 protected:
  using messages = std::vector<log_message>;

  log_store_conformance() = default;
  ~log_store_conformance() override {
    run_coroutine(subject_.loop(), mine().stop());
    run_coroutine(subject_.loop(), other().stop());
  }

  log_store& mine() { return subject_.mine(); }
  log_store& other() { return subject_.other(); }
  Subject& subject() { return subject_; }
  deadline soon() { return deadline::after(subject_.time().now(), std::chrono::seconds{10}); }
  deadline passed() { return deadline{subject_.time().now()}; }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return run_coroutine(subject_.loop(), std::move(work));
  }
  /// Starts a call; its answer appears in what is returned.
  template <class T>
  std::shared_ptr<std::optional<T>> begin(boost::asio::awaitable<T> work) {
    auto answer = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(subject_.loop(), std::move(work),
                          [answer](const std::exception_ptr& thrown, T got) {
                            EXPECT_EQ(thrown, nullptr);
                            answer->emplace(std::move(got));
                          });
    return answer;
  }
  template <class T>
  bool comes(const std::shared_ptr<std::optional<T>>& answer) {
    return eventually([&] {
      subject_.loop().restart();
      subject_.loop().run_for(std::chrono::milliseconds{2});
      return answer->has_value();
    });
  }

  position publish(log_store& where, log_record said = {}) {
    const auto place = run(where.publish(std::move(said), soon()));
    EXPECT_TRUE(place) << place.error().message();
    return place ? *place : position{};
  }
  log_store::beat_answer beat(log_store& where, const std::string& member, position applied,
                              std::uint64_t count, bool epoch_is_old = false) {
    const log_store::beat one{
        .member = member, .applied = applied, .count = count, .epoch_is_old = epoch_is_old};
    const auto answer = run(where.heartbeat(one, 0, soon()));
    EXPECT_TRUE(answer) << answer.error().message();
    return answer ? *answer : log_store::beat_answer{};
  }
  messages read(std::uint64_t after, std::size_t most = 1'000) {
    auto found = run(mine().read(after, most, soon()));
    EXPECT_TRUE(found) << found.error().message();
    return found ? std::move(*found) : messages{};
  }
  std::vector<std::uint64_t> sequences(const messages& all) {
    std::vector<std::uint64_t> found;
    for (const auto& one : all) found.push_back(one.at.sequence);
    return found;
  }
  std::vector<log_store::member> registered() {
    auto found = run(mine().registered(soon()));
    EXPECT_TRUE(found) << found.error().message();
    return found ? std::move(found->all) : std::vector<log_store::member>{};
  }

 private:
  Subject subject_;
};

}  // namespace ctxcache::test
