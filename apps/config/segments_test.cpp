#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/load_fixture.hpp"

namespace config = ctxcache::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr const char* databases = R"([provider.crm]
type = "sqlite"
url = "x.db"
[provider.tickets]
type = "http"
url = "http://h"
)";

class segments : public config::load_fixture {
 protected:
  // The file with one segment, which begins in line 7.
  config::loaded with(const std::string& lines) { return from_file(databases + lines); }

  std::string write(const std::string& text) {
    const auto path = folder_.path() + "/ids.txt";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  ctxcache::test::temporary_folder folder_;
};

}  // namespace

TEST_F(segments, are_queries_lists_or_files) {
  const auto path = write("\xEF\xBB\xBF# strategic\r\ncust_1\r\n\r\n  cust_2  \ncust_1\n");
  const auto made = with(
      "[segment.enterprise]\nprovider = \"crm\"\nquery = \"select id from customers\"\n"
      "timeout = \"3s\"\n[segment.few]\ncustomer_ids = [\"a\", \"b c\"]\n"
      "[segment.listed]\nfile = \"" +
      path + "\"\n");
  ASSERT_THAT(texts(made.errors), IsEmpty());
  EXPECT_THAT(texts(made.warnings), IsEmpty());
  ASSERT_EQ(made.config.segments.size(), 3u);
  const auto& enterprise = made.config.segments[0];
  EXPECT_EQ(enterprise.name, "enterprise");
  EXPECT_EQ(enterprise.provider, "crm");
  EXPECT_EQ(enterprise.query, "select id from customers");
  EXPECT_EQ(enterprise.timeout, 3s);
  EXPECT_EQ(enterprise.at.line, 7u);
  EXPECT_THAT(made.config.segments[1].customer_ids, ElementsAre("a", "b c"));
  EXPECT_THAT(made.config.segments[2].customer_ids, ElementsAre("cust_1", "cust_2"));
  EXPECT_EQ(made.config.segments[2].file, path);
  EXPECT_EQ(shown(made, "segment.enterprise.timeout"), "3s (line 10)");
  EXPECT_EQ(shown(made, "segment.few.customer_ids"), "a,b c (line 12)");
  EXPECT_EQ(shown(made, "segment.listed.file"), path + " (line 14)");
  EXPECT_EQ(shown(made, "segment.listed.customer_ids"), "absent");
}

TEST_F(segments, bad_lines_of_a_file_are_told_and_the_others_taken) {
  const auto path = write("cust_1\n" + std::string(129, 'x') + "\n\xff\ncust_2\n");
  const auto made = with("[segment.s]\nfile = \"" + path + "\"\n");
  EXPECT_TRUE(made.ok());
  EXPECT_THAT(texts(made.warnings), ElementsAre(path + ":2:1: is not an id: 1 to 128 bytes of UTF-8",
                                                path + ":3:1: is not an id: 1 to 128 bytes of UTF-8"));
  EXPECT_THAT(made.config.segments.at(0).customer_ids, ElementsAre("cust_1", "cust_2"));
}

TEST_F(segments, a_file_of_anything_but_ids_is_told_once_and_short) {
  std::string text;
  for (int i = 0; i < 25; ++i) text += std::string(129, 'x') + std::to_string(i) + "\n";
  const auto made = with("[segment.s]\nfile = \"" + write(text) + "\"\n");
  ASSERT_EQ(made.warnings.size(), 21u);
  EXPECT_THAT(made.warnings.front().message, HasSubstr("names no customers"));
  EXPECT_EQ(made.warnings.front().at.line, 8u);
  EXPECT_THAT(made.warnings.back().message, HasSubstr("nor are 5 more"));
}

TEST_F(segments, mistakes) {
  const auto made = with(R"([segment.a]
[segment.b]
provider = "crn"
query = "select 1"
[segment.c]
provider = "tickets"
query = "select 1"
[segment.d]
query = "select 1"
customer_ids = ["x"]
file = "/nowhere"
[segment.e]
customer_ids = []
provider = "crm"
timeout = 1
[segment.f]
customer_ids = ["ok", ""]
[segment.g]
provider = "crm"
query = " "
[segment.h]
provider = "crm"
query = "select 1; "
timeuot = 1
[segment."i i"]
file = "/"
)");
  EXPECT_THAT(
      texts(made.errors),
      ElementsAre(
          "7:10: a segment needs a query, customer_ids or a file",
          "9:12: there is no [provider.crn]; did you mean \"crm\"?",
          "12:12: provider \"tickets\" is an HTTP service: a segment's query needs a database",
          "14:10: provider is missing", "16:16: a segment has query or customer_ids, not both",
          "17:8: a segment has customer_ids or file, not both",
          "17:8: file: /nowhere cannot be read: No such file or directory", "19:16: customer_ids: names none",
          "20:12: provider: only for a query", "21:11: timeout: only for a query",
          "23:23: customer_ids: \"\" is not an id: 1 to 128 bytes of UTF-8", "26:9: query: must not be empty",
          "29:9: query: must not end with \";\"", "30:1: unknown key \"timeuot\"; did you mean \"timeout\"?",
          "31:10: a name consists of 1 to 48 letters, digits, \"_\" and \"-\"",
          "32:8: file: / cannot be read: Is a directory"));
}
