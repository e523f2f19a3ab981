#include "history/json_lines.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

#include "history/check.hpp"

namespace ctxcache::history {
namespace {

history parse(const std::string& lines) {
  std::istringstream in{lines};
  return read_lines(in);
}

constexpr auto bad_day =
    R"(
{"t":"constants","licence_ms":200,"grace_ms":600,"own_loads_ms":1200,"l2_ttl_ms":2000,"load_deadline_ms":400}
{"t":"commit","customer":"c1","version":1,"invoked":0,"answered":10}
{"t":"commit","customer":"c1","version":2,"invoked":1000,"answered":1010}
{"t":"commit","customer":"c1","version":3,"invoked":9000,"answered":null}
{"t":"invalidate","id":"i1","scope":{"kind":"agent_type","customer":"c1",)"
    R"("agent_type":"support"},"versions":{"c1":2},"fence":true,"status":200,)"
    R"("position":"000000000000000a.5","confirmed":true,"queued":false,"process":"a.1",)"
    R"("invoked":1020,"answered":1030}
{"t":"read","customer":"c1","agent_type":"support","conversation":"v1","process":"b.1",)"
    R"("status":200,"version":1,"source":"l1","position":"000000000000000a.4","min_position":null,)"
    R"("strict":true,"invoked":1040,"answered":1050,"body":{"customer":"c1",)"
    R"("agent_type":"support"}}
{"t":"load","customer":"c1","agent_type":"support","process":"b.1","version":1,"invoked":100,"answered":200}
{"t":"put","customer":"c1","agent_type":"support","version":2,"status":202,"queued":true,)"
    R"("process":"a.1","invoked":1060,"answered":1070}
{"t":"fault","kind":"split","from":1,"to":2}
)";

TEST(json_lines, reads_every_event) {
  const auto all = parse(bad_day);
  EXPECT_EQ(all.bounds.own_loads.count(), 1200);
  EXPECT_TRUE(all.bounds.wait_all);
  ASSERT_EQ(all.commits.size(), 3u);
  EXPECT_EQ(all.commits[1].answered, 1010);
  EXPECT_EQ(all.commits[2].answered, std::nullopt);
  ASSERT_EQ(all.invalidations.size(), 1u);
  EXPECT_EQ(all.invalidations[0].at, (position{10, 5}));
  EXPECT_EQ(all.invalidations[0].versions.at("c1"), 2u);
  EXPECT_TRUE(all.invalidations[0].confirmed);
  ASSERT_EQ(all.reads.size(), 1u);
  EXPECT_EQ(all.reads[0].wanted.conversation_id(), "v1");
  EXPECT_TRUE(all.reads[0].strict);
  EXPECT_FALSE(all.reads[0].min_position);
  EXPECT_EQ(all.reads[0].body_customer, "c1");
  EXPECT_EQ(all.loads.size(), 1u);
  ASSERT_EQ(all.puts.size(), 1u);
  EXPECT_TRUE(all.puts[0].queued);
  ASSERT_EQ(all.faults.size(), 1u);
  EXPECT_EQ(all.faults[0].to, 2);
  const auto found = check(all);
  ASSERT_EQ(found.violations.size(), 1u);
  EXPECT_EQ(found.violations[0].rule, 1);
}

TEST(json_lines, reads_every_kind_of_scope) {
  const auto of = [](const std::string& written) {
    return parse(R"({"t":"invalidate","scope":)" + written +
                 R"(,"versions":{},"status":200,"process":"a","invoked":1,"answered":2})")
        .invalidations.at(0)
        .what;
  };
  EXPECT_EQ(of(R"({"kind":"all"})").kind(), scope_kind::all);
  EXPECT_EQ(of(R"({"kind":"pattern","pattern":"context:c?:*"})").text(), "context:c?:*");
  EXPECT_EQ(of(R"({"kind":"customer","customer":"c1"})").kind(), scope_kind::customer);
  EXPECT_EQ(of(R"({"kind":"agent_type","customer":"c1","agent_type":"x"})").text(), "context:c1:x");
  const auto exact = of(R"({"kind":"key","customer":"c1","agent_type":"x","conversation":"v"})");
  EXPECT_EQ(exact.kind(), scope_kind::key);
  EXPECT_EQ(exact.text(), "context:c1:x:v");
}

TEST(json_lines, names_the_line_that_it_cannot_read) {
  for (const auto* bad :
       {"{", "[]", R"({"t":"else"})", R"({"t":"fault","kind":"x","from":1})",
        R"({"t":"fault","kind":1,"from":1,"to":2})",
        R"({"t":"put","customer":"","agent_type":"a","version":1,"status":200,"process":"a",)"
        R"("invoked":1,"answered":2})",
        R"({"t":"invalidate","scope":{"kind":"half"},"versions":{},"status":200,)"
        R"("process":"a","invoked":1,"answered":2})"}) {
    try {
      static_cast<void>(parse("\n" + std::string{bad}));
      FAIL() << bad;
    } catch (const std::runtime_error& error) {
      EXPECT_TRUE(std::string{error.what()}.starts_with("line 2: ")) << error.what();
    }
  }
}

}  // namespace
}  // namespace ctxcache::history
