#include "changes/event_memory.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "changes/changes_test_support.hpp"

namespace ctxcache::changes {
namespace {

using namespace std::chrono_literals;

class memory_of_events : public test::intake_fixture {
 protected:
  static change named(std::string source, std::string id) {
    return {.type = "t", .source = std::move(source), .id = std::move(id), .document = {}};
  }
  bool knows(const std::string& mark) { return run(memory.knows(mark, {})); }

  event_memory memory{store, 10min, time};
};

TEST_F(memory_of_events, has_a_mark_for_each_source_and_id) {
  EXPECT_EQ(memory.mark_of(named("s", "")), "");
  EXPECT_EQ(memory.mark_of(named("", "i")).size(), 6 + 64u);
  const bool holds = rc::check([this](const std::pair<std::string, std::string>& a,
                                      const std::pair<std::string, std::string>& b) {
    RC_PRE(!a.second.empty() && !b.second.empty());
    const bool same = memory.mark_of(named(a.first, a.second)) == memory.mark_of(named(b.first, b.second));
    RC_ASSERT(same == (a == b));
  });
  EXPECT_TRUE(holds);
}

TEST_F(memory_of_events, forgets_the_oldest_of_its_own_when_there_are_too_many) {
  store->down = true;
  run(memory.remember("first", {}));
  for (std::size_t i = 1; i < event_memory::own_max; ++i) run(memory.remember(std::to_string(i), {}));
  EXPECT_TRUE(knows("first"));
  run(memory.remember("one more", {}));
  EXPECT_FALSE(knows("first"));
  EXPECT_TRUE(knows("1"));
  EXPECT_TRUE(knows("one more"));
}

TEST_F(memory_of_events, forgets_with_the_window_whoever_remembered) {
  event_memory another{store, 10min, time};
  run(another.remember("mark", {}));
  EXPECT_TRUE(knows("mark"));
  time.advance(10min);
  EXPECT_FALSE(knows("mark"));
}

}  // namespace
}  // namespace ctxcache::changes
