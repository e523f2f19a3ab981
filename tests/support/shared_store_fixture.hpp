#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/shared_store.hpp"
#include "support/child_process.hpp"
#include "support/run_coroutine.hpp"

namespace ctxcache::test {

/// What every shared_store must do. `Subject` is default-constructible, empty at first, and has
/// `boost::asio::io_context& loop()`, `shared_store& store()`, `const clock& time()`, and `void pass(
/// std::chrono::milliseconds)`, which lets that time pass where it does not pass by itself.
///
///     INSTANTIATE_TYPED_TEST_SUITE_P(local, shared_store_conformance, local_subject);
template <class Subject>
class shared_store_conformance : public testing::Test {
 protected:
  using milliseconds = std::chrono::milliseconds;
  using values = std::vector<std::string>;
  static constexpr milliseconds hour = std::chrono::hours{1};

  shared_store_conformance() = default;
  ~shared_store_conformance() override { run_coroutine(subject_.loop(), store().stop()); }

  shared_store& store() { return subject_.store(); }
  deadline soon() { return deadline::after(subject_.time().now(), std::chrono::seconds{10}); }
  deadline passed() { return deadline{subject_.time().now()}; }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return run_coroutine(subject_.loop(), std::move(work));
  }
  bool hold(const std::string& name, const std::string& holder, milliseconds term = hour) {
    return value_of(run(store().hold({name, holder}, term, soon())));
  }
  void release(const std::string& name, const std::string& holder) {
    const auto done = run(store().release({name, holder}, soon()));
    EXPECT_TRUE(done) << done.error().message();
  }
  bool put(const std::string& name, const std::string& value, milliseconds life = hour) {
    return value_of(run(store().put({name, value, life}, std::nullopt, soon())));
  }
  bool put_under(const lease& held, const std::string& name, const std::string& value) {
    return value_of(run(store().put({name, value, hour}, held, soon())));
  }
  std::optional<std::string> get(const std::string& name) { return value_of(run(store().get(name, soon()))); }
  void append(const std::string& list, const std::string& value, std::size_t most = 100) {
    const auto done = run(store().append(list, value, most, soon()));
    EXPECT_TRUE(done) << done.error().message();
  }
  values listed(const std::string& list, std::size_t most = 100) {
    return value_of(run(store().list(list, most, soon())));
  }
  bool take(const std::string& list, const std::string& value) {
    return value_of(run(store().take(list, value, soon())));
  }
  bool replace(const std::string& list, const std::string& value, const std::string& by) {
    return value_of(run(store().replace(list, value, by, soon())));
  }
  void mark(const std::string& set, std::vector<std::uint32_t> places, milliseconds life = hour) {
    const auto done = run(store().mark(set, std::move(places), life, soon()));
    EXPECT_TRUE(done) << done.error().message();
  }
  std::size_t marked(const std::string& set) { return value_of(run(store().marked(set, soon()))); }

  /// Waits until a fact that is put now, with that life, has ended.
  void outlive(milliseconds life) {
    ASSERT_TRUE(put("witness", "alive", life));
    ASSERT_TRUE(eventually([&] {
      subject_.pass(milliseconds{1});
      return !get("witness");
    }));
  }
  static std::string all_bytes() {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    return all;
  }

 private:
  template <class T>
  static T value_of(result<T> answer) {
    EXPECT_TRUE(answer) << answer.error().message();
    return answer ? std::move(*answer) : T{};
  }
  Subject subject_;
};

}  // namespace ctxcache::test
