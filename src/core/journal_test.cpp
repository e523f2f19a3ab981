#include "core/journal.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "core/journal_test_support.hpp"

namespace ctxcache {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using std::string;
using reasons = std::vector<string>;

TEST_F(journal_on_disk, is_created_for_its_owner_only) {
  const auto before = ::umask(0);
  const auto one = opened();
  ::umask(before);
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(one->size(), 0U);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(journal_on_disk, what_was_appended_survives_a_crash) {
  const auto one = opened();
  for (const auto* reason : {"a", "b", "c"}) ASSERT_TRUE(append(*one, reason));
  EXPECT_EQ(one->size(), 3U);
  EXPECT_EQ(after_a_crash(), (reasons{"a", "b", "c"}));
}

TEST_F(journal_on_disk, gives_back_the_whole_record) {
  ASSERT_TRUE(append(*opened(), "a"));
  const auto again = make();
  const auto queued = run(again->open()).value();
  ASSERT_EQ(queued.size(), 1U);
  EXPECT_EQ(queued[0].what.kind(), scope_kind::agent_type);
  EXPECT_EQ(queued[0].what.text(), "context:cust_1:support");
  EXPECT_EQ(queued[0].member, "m1");
  EXPECT_TRUE(queued[0].fence);
}

TEST_F(journal_on_disk, dropped_records_do_not_come_back) {
  auto one = opened();
  for (const auto* reason : {"a", "b", "c"}) ASSERT_TRUE(append(*one, reason));
  ASSERT_TRUE(run(one->drop_front(0)));
  EXPECT_EQ(one->size(), 3U);
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_EQ(one->size(), 2U);
  EXPECT_EQ(after_a_crash(), (reasons{"b", "c"}));
  one.reset();
  one = opened();
  EXPECT_EQ(found, (reasons{"b", "c"}));
  ASSERT_TRUE(append(*one, "d"));
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_EQ(after_a_crash(), (reasons{"c", "d"}));
}

TEST_F(journal_on_disk, is_cut_when_all_is_dropped_and_goes_on) {
  const auto one = opened();
  for (const auto* reason : {"a", "b", "c"}) ASSERT_TRUE(append(*one, reason));
  ASSERT_TRUE(run(one->drop_front(2)));
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_EQ(one->size(), 0U);
  EXPECT_EQ(fs::file_size(path), coherence::journal_head_bytes);
  EXPECT_EQ(after_a_crash(), reasons{});
  ASSERT_TRUE(append(*one, "d"));
  EXPECT_EQ(after_a_crash(), reasons{"d"});
}

TEST_F(journal_on_disk, belongs_to_one_at_a_time) {
  auto first = opened();
  ASSERT_TRUE(append(*first, "a"));
  {
    const auto second = make();
    EXPECT_EQ(run(second->open()).error(), errc::invalid_config);
    EXPECT_EQ(append(*second, "b").error(), errc::l2_unavailable);
  }
  ASSERT_TRUE(append(*first, "c"));
  first.reset();
  opened();
  EXPECT_EQ(found, (reasons{"a", "c"}));
}

TEST_F(journal_on_disk, full_journal_refuses_until_all_is_dropped) {
  const auto one = opened(coherence::journal_head_bytes + 2 * record_bytes("a"));
  ASSERT_TRUE(append(*one, "a"));
  ASSERT_TRUE(append(*one, "b"));
  EXPECT_EQ(append(*one, "c").error(), errc::overloaded);
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_EQ(append(*one, "c").error(), errc::overloaded);
  ASSERT_TRUE(run(one->drop_front(1)));
  EXPECT_TRUE(append(*one, "d"));
  EXPECT_EQ(after_a_crash(), reasons{"d"});
}

TEST_F(journal_on_disk, many_at_once_are_all_kept_in_order) {
  constexpr int many = 200;
  const auto one = opened();
  int done = 0;
  reasons expected;
  for (int i = 0; i < many; ++i) {
    expected.push_back(std::to_string(i));
    asio::co_spawn(loop, one->append(because(expected.back())),
                   [&done](const std::exception_ptr& failure, const result<void>& outcome) {
                     done += failure == nullptr && outcome.has_value() ? 1 : 0;
                   });
  }
  loop.restart();
  loop.run();
  EXPECT_EQ(done, many);
  EXPECT_EQ(one->size(), std::size_t{many});
  EXPECT_EQ(after_a_crash(), expected);
}

TEST_F(journal_on_disk, many_at_once_never_exceed_the_limit) {
  const auto limit = coherence::journal_head_bytes + 5 * record_bytes("a");
  const auto one = opened(limit);
  int kept = 0;
  int refused = 0;
  for (int i = 0; i < 9; ++i) {
    asio::co_spawn(loop, one->append(because("a")),
                   [&](const std::exception_ptr&, const result<void>& outcome) {
                     outcome ? ++kept : ++refused;
                     EXPECT_TRUE(outcome || outcome.error() == errc::overloaded);
                   });
  }
  loop.restart();
  loop.run();
  EXPECT_EQ(kept, 5);
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(fs::file_size(path), limit);
}

TEST_F(journal_on_disk, too_long_reason_is_refused) {
  const auto one = opened();
  EXPECT_EQ(append(*one, string(coherence::journal_reason_bytes_max + 1, 'r')).error(), errc::too_large);
  EXPECT_EQ(one->size(), 0U);
}

TEST_F(journal_on_disk, takes_nothing_after_stop) {
  const auto one = opened();
  ASSERT_TRUE(append(*one, "a"));
  one->stop();
  EXPECT_EQ(append(*one, "b").error(), errc::shutting_down);
  EXPECT_EQ(run(one->drop_front(1)).error(), errc::shutting_down);
  EXPECT_EQ(one->size(), 1U);
}

TEST_F(journal_on_disk, without_a_path_there_is_none) {
  path.clear();
  const auto one = opened();
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(append(*one, "a").error(), errc::l2_unavailable);
  EXPECT_EQ(one->size(), 0U);
}

}  // namespace
}  // namespace ctxcache
