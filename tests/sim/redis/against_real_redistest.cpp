// Random scripts: the simulated Redis answers, step by step, what a real one does.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/backends.hpp"
#include "dice.hpp"
#include "redis/l2.hpp"
#include "redis/log_store.hpp"
#include "support/redis_server.hpp"
#include "support/run_coroutine.hpp"
#include "ticking_loop.hpp"

namespace ctxcache::sim {
namespace {

using std::chrono::milliseconds;

constexpr fleet_constants constants{.licence = milliseconds{1'000}};

/// A log and an L2 of one Redis, and what can befall that.
struct backend {
  std::unique_ptr<ctxcache::log_store> log;
  std::unique_ptr<l2_cache> values;
  const clock* time;
  std::map<std::uint64_t, std::size_t> epochs;  // in the order of their coming

  [[nodiscard]] deadline soon() const { return deadline::after(time->now(), std::chrono::seconds{10}); }
  /// Epochs are random: two are the same when they came as the same.
  [[nodiscard]] std::string text_of(const position& place) {
    const auto number =
        place.epoch == 0 ? 0 : epochs.try_emplace(place.epoch, epochs.size() + 1).first->second;
    return std::to_string(number) + "." + std::to_string(place.sequence);
  }
  [[nodiscard]] std::uint64_t epoch_of(std::size_t number) const {
    for (const auto& [epoch, known] : epochs) {
      if (known == number) return epoch;
    }
    return 0xABC;
  }
};

/// One step of a script: what it asks and what was answered, as a text.
class script {
 public:
  script(boost::asio::io_context& loop, std::uint64_t seed) : loop_(loop), chance_(seed) {}

  /// Lays down the next step; `play` then does the same to each backend.
  void next() {
    what_ = chance_.below(9);
    number_ = chance_.below(6);
    epoch_ = 1 + chance_.below(3);
    other_ = chance_.below(3);
    removes_any_ = chance_.percent(50);
    ++beats_;
  }
  std::string play(backend& on) {
    switch (what_) {
      case 0:
      case 1:
        return publish(on);
      case 2:
        return heartbeat(on);
      case 3:
        return read(on);
      case 4:
        return registered(on);
      case 5:
        return remove(on);
      case 6:
        return put(on);
      case 7:
        return get(on);
      default:
        return unlink(on);
    }
  }

 private:
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return test::run_coroutine(loop_, std::move(work));
  }
  [[nodiscard]] std::string member() const { return "m" + std::to_string(other_); }
  [[nodiscard]] key some_key() const { return *key::make({"c" + std::to_string(other_), "support"}); }

  std::string publish(backend& on) {
    log_record said{.reason = std::to_string(beats_), .member = member(), .fence = removes_any_};
    const auto at = run(on.log->publish(std::move(said), on.soon()));
    return "publish " + (at ? on.text_of(*at) : at.error().message());
  }
  std::string heartbeat(backend& on) {
    const position applied{on.epoch_of(epoch_), number_};
    const ctxcache::log_store::beat mine{
        .member = member(), .applied = applied, .count = beats_, .epoch_is_old = removes_any_};
    const auto beaten = run(on.log->heartbeat(mine, 0, on.soon()));
    if (!beaten) return "heartbeat " + beaten.error().message();
    return "heartbeat " + on.text_of(beaten->last) + (beaten->constants == constants ? "" : " ?") +
           (beaten->epoch_is_old ? " old" : "");
  }
  std::string read(backend& on) {
    const auto found = run(on.log->read(number_, 1 + other_ * 2, on.soon()));
    const auto first = run(on.log->first_retained(on.soon()));
    if (!found || !first) return "read failed";
    std::string text = "read from " + std::to_string(*first);
    for (const auto& one : *found) text += " " + on.text_of(one.at) + one.said.reason + one.said.member;
    return text;
  }
  std::string registered(backend& on) {
    auto found = run(on.log->registered(on.soon()));
    if (!found) return "registered " + found.error().message();
    std::ranges::sort(found->all, {}, &ctxcache::log_store::member::id);
    std::string text = "registered " + on.text_of(found->last);
    for (const auto& one : found->all) {
      text += " " + one.id + "=" + std::to_string(one.applied) + ":" + std::to_string(one.count);
    }
    return text;
  }
  std::string remove(backend& on) {
    const auto count = removes_any_ ? std::nullopt : std::optional{beats_ - number_};
    const auto gone = run(on.log->remove(member(), count, on.soon()));
    return std::string{"remove "} + (!gone ? "failed" : *gone ? "yes" : "no");
  }
  std::string put(backend& on) {
    auto made = std::make_shared<entry>();
    made->body = R"({"beat":)" + std::to_string(beats_) + "}";
    made->etag = etag_of(made->body);
    made->stamp = {epoch_, number_};
    made->loaded_at = on.time->now();
    made->expires_at = on.time->now() + std::chrono::hours{1};
    const auto stored = run(on.values->put(some_key(), std::move(made), on.soon()));
    return std::string{"put "} + (!stored ? "failed" : *stored ? "yes" : "no");
  }
  std::string get(backend& on) {
    const auto found = run(on.values->get(some_key(), on.soon()));
    if (!found) return "get " + found.error().message();
    return "get " + (*found ? (*found)->body + to_string((*found)->stamp) : std::string{"nothing"});
  }
  std::string unlink(backend& on) {
    std::vector<key> gone{some_key()};
    const position before{epoch_, number_};
    const auto removed = run(on.values->unlink(std::move(gone), before, on.soon()));
    return "unlink " + (removed ? std::to_string(*removed) : removed.error().message());
  }

  boost::asio::io_context& loop_;
  dice chance_;
  std::size_t what_ = 0, number_ = 0, epoch_ = 1, other_ = 0;
  bool removes_any_ = false;
  std::uint64_t beats_ = 100;
};

struct simulated_redis : testing::Test {
  simulated_redis() {
    auto& loop = ticking.loop();
    const auto& now = test::virtual_time::now_running();
    const auto way = std::make_shared<wire>(loop.get_executor(), chance, simulated);
    ours = {.log = std::make_unique<log_store>(way, log_store::options{.constants = constants}, now),
            .values = std::make_unique<l2>(way, now),
            .time = &now};
    log_store_options how{.url = server.url(), .constants = constants};
    how.reconnect_min = milliseconds{1};
    l2_options where{.url = server.url()};
    where.reconnect_min = milliseconds{1};
    theirs = {.log = *make_redis_log_store(loop.get_executor(), how),
              .values = *make_redis_l2(loop.get_executor(), where),
              .time = &machine_clock()};
  }
  ~simulated_redis() override {
    for (auto* one : {&ours, &theirs}) {
      test::run_coroutine(ticking.loop(), one->log->stop());
      test::run_coroutine(ticking.loop(), one->values->stop());
    }
  }

  /// The same misfortune for both; what it was.
  std::string lose_data() {
    struct loss {
      void (sim::server::*here)();
      std::vector<std::string> there;
    };
    const std::array losses{loss{&sim::server::flush, {"FLUSHALL"}},
                            loss{&sim::server::evict_log, {"DEL", "{ctxcache}:log"}},
                            loss{&sim::server::evict_meta, {"DEL", "{ctxcache}:meta"}}};
    const auto& one = chance.one_of(losses);
    ((*simulated).*one.here)();
    EXPECT_FALSE(server.command(one.there).starts_with("-"));
    return one.there.back();
  }

  test::redis_server server;
  ticking_loop ticking;
  dice chance{7};
  std::shared_ptr<sim::server> simulated = std::make_shared<sim::server>();
  backend ours;
  backend theirs;
};

TEST_F(simulated_redis, answers_as_a_real_one_does) {
  script steps{ticking.loop(), 3};
  std::string story;
  for (int i = 0; i < 3'000; ++i) {
    if (chance.percent(2)) story += lose_data() + "\n";
    steps.next();
    const auto real = steps.play(theirs);
    ASSERT_EQ(steps.play(ours), real)
        << "after\n"
        << story.substr(story.size() - std::min<std::size_t>(story.size(), 2'000));
    story += real + "\n";
  }
  EXPECT_GT(theirs.epochs.size(), 10u);
}

}  // namespace
}  // namespace ctxcache::sim
