#include "providers/pg_sql.hpp"

#include <gtest/gtest.h>

namespace ctxcache::providers {

TEST(json_statement, wraps_the_query_of_each_shape) {
  EXPECT_EQ(json_statement("select 1;\n ", section_shape::object),
            "select row_to_json(ctx_row)::text from (\nselect 1\n) ctx_row limit 1");
  EXPECT_EQ(json_statement("select 1 -- one", section_shape::rows),
            "select coalesce(json_agg(row_to_json(ctx_row)), '[]')::text from (\nselect 1 -- one\n) ctx_row");
  EXPECT_EQ(
      json_statement("select 1", section_shape::value),
      "select coalesce(to_json(ctx_value), 'null')::text from (\nselect 1\n) ctx_row(ctx_value) limit 1");
}

TEST(mentions_parameter, tells_one_from_eleven) {
  EXPECT_TRUE(mentions_parameter("where a = $1", '1'));
  EXPECT_TRUE(mentions_parameter("where a = $1::text and b = $2", '2'));
  EXPECT_TRUE(mentions_parameter("where a = $11 or a = $1", '1'));
  EXPECT_FALSE(mentions_parameter("where a = $11", '1'));
  EXPECT_FALSE(mentions_parameter("select '$', $2", '1'));
  EXPECT_FALSE(mentions_parameter("select 1$", '1'));
  EXPECT_FALSE(mentions_parameter("", '1'));
}

}  // namespace ctxcache::providers
