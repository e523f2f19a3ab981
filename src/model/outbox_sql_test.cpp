#include "model/outbox_sql.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctxcache {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string install(const std::vector<watched_table>& tables) {
  return install_outbox_sql("public", tables);
}

}  // namespace

TEST(watched_table, is_read_with_and_without_schema) {
  const auto plain = parse_watched_table("customers:id");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->schema, "public");
  EXPECT_EQ(plain->name, "customers");
  EXPECT_THAT(plain->customer_columns, ElementsAre("id"));
  const auto full = parse_watched_table("crm.Calls:caller,callee id");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->schema, "crm");
  EXPECT_EQ(full->name, "Calls");
  EXPECT_THAT(full->customer_columns, ElementsAre("caller", "callee id"));
}

TEST(watched_table, is_refused_when_a_name_is_missing) {
  for (const auto* const text : {"", ":", "customers", "customers:", ":id", ".customers:id", "crm.:id",
                                 "crm.a.b:id", "customers:id,", "customers:,id"})
    EXPECT_FALSE(parse_watched_table(text)) << text;
  EXPECT_FALSE(parse_watched_table(std::string_view{"customers:i\0d", 13}));
}

TEST(outbox_sql, quotes_names_so_that_none_is_taken_for_sql) {
  const auto sql = install({{.schema = "s\"x", .name = "t; drop", .customer_columns = {"$ctxcache$"}}});
  EXPECT_THAT(sql, HasSubstr(R"(on "s""x"."t; drop")"));
  EXPECT_THAT(sql, HasSubstr(R"(new."$ctxcache$"::text)"));
  EXPECT_THAT(sql, HasSubstr("as $ctxcache_$\n"));
}

TEST(outbox_sql, has_one_function_for_a_table_that_is_named_twice) {
  const auto sql = install({{.name = "calls", .customer_columns = {"caller"}},
                            {.name = "calls", .customer_columns = {"callee", "caller"}}});
  const auto made = sql.find("create or replace function \"public\".\"ctxcache_changed_calls\"");
  ASSERT_NE(made, std::string::npos);
  EXPECT_EQ(sql.find("create or replace function \"public\".\"ctxcache_changed_calls\"", made + 1),
            std::string::npos);
  EXPECT_THAT(sql, HasSubstr("new.\"caller\""));
  EXPECT_THAT(sql, HasSubstr("new.\"callee\""));
}

TEST(outbox_sql, names_functions_of_long_tables_apart) {
  const std::string prefix(60, 'x');
  const auto first = install({{.name = prefix + "a", .customer_columns = {"id"}}});
  const auto begin = first.find("\"public\".\"ctxcache_changed_");
  const auto name = first.substr(begin, first.find("()", begin) - begin);
  EXPECT_LE(name.size(), std::string_view{"\"public\".\"\""}.size() + 63);
  EXPECT_THAT(install({{.name = prefix + "b", .customer_columns = {"id"}}}), Not(HasSubstr(name)));
}

TEST(outbox_sql, asks_for_the_tables_of_queries_without_parameters) {
  const auto sql = tables_read_sql({{"it's", "select * from t where id = $1 and c = coalesce($12, 'x'); "}});
  EXPECT_THAT(sql, HasSubstr("where id = null and c = coalesce(null, 'x')\n)"));
  EXPECT_THAT(sql, HasSubstr("E'it''s'"));
  EXPECT_THAT(sql, testing::EndsWith("rollback;\n"));
}

}  // namespace ctxcache
