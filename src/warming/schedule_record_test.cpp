#include "warming/schedule_record.hpp"

#include <gtest/gtest.h>

namespace ctxcache::warming {
namespace {

using namespace std::chrono_literals;

TEST(schedule_record, is_read_as_it_was_written) {
  using outcome = schedule_record::outcome;
  for (const auto what : {outcome::first_seen, outcome::planned, outcome::missed, outcome::skipped}) {
    const schedule_record record{.timing = "cron \"0 2\"",
                                 .occurrence = schedule::instant{1'800'000'000s},
                                 .what = what,
                                 .at = schedule::instant{1'800'000'030s},
                                 .by = "7f",
                                 .job = "j1"};
    const auto again = decode_schedule_record(encode(record));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->timing, record.timing);
    EXPECT_EQ(again->occurrence, record.occurrence);
    EXPECT_EQ(again->what, what);
    EXPECT_EQ(again->at, record.at);
    EXPECT_EQ(again->by, record.by);
    EXPECT_EQ(again->job, record.job);
  }
}

TEST(schedule_record, what_is_none_is_refused) {
  const std::string good = R"({"timing":"t","occurrence":5,"outcome":"planned","at":6,"by":"b","job":""})";
  ASSERT_TRUE(decode_schedule_record(good));
  for (const std::string bad : {"", "null", "[]", "{}", "{\"timing\":"}) {
    EXPECT_FALSE(decode_schedule_record(bad)) << bad;
  }
  for (const auto& [part, instead] : {std::pair{R"("t")", "7"},
                                      {R"(:5)", ":-1"},
                                      {R"(:5)", ":1e3"},
                                      {R"(:5)", ":9223372036854775807"},
                                      {R"("planned")", R"("happened")"},
                                      {R"(:6)", R"(:"6")"},
                                      {R"("b")", "null"},
                                      {R"(,"job":"")", ""}}) {
    auto text = good;
    text.replace(text.find(part), std::string_view{part}.size(), instead);
    EXPECT_FALSE(decode_schedule_record(text)) << text;
  }
}

}  // namespace
}  // namespace ctxcache::warming
