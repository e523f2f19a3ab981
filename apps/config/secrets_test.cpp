#include "config/secrets.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/child_process.hpp"

namespace config = ctxcache::config;

TEST(expand, replaces_every_variable) {
  const config::environment set{{"USER", "ann"}, {"WORD", "a${USER}$"}};
  EXPECT_EQ(*config::expand("x://${USER}:${WORD}@h$1", set), "x://ann:a${USER}$@h$1");
}

TEST(expand, reads_the_file_that_name_file_names) {
  const ctxcache::test::temporary_folder folder;
  std::ofstream(folder.path() + "/token") << "s3cret\n";
  const config::environment set{{"TOKEN_FILE", folder.path() + "/token"}};
  EXPECT_EQ(*config::expand("Bearer ${TOKEN}", set), "Bearer s3cret");
}

TEST(expand, says_what_is_missing) {
  EXPECT_EQ(config::expand("${TOKEN}", {}).error().text(),
            "neither TOKEN nor TOKEN_FILE is set in the environment");
  EXPECT_EQ(config::expand("${TOKEN", {}).error().text(), "\"${\" without its \"}\"");
  EXPECT_EQ(config::expand("${TOKEN}", {{"TOKEN_FILE", "/nowhere/token"}}).error().text(),
            "the file that TOKEN_FILE names cannot be read, or is empty");
}

TEST(redact, hides_passwords) {
  EXPECT_EQ(config::redact("redis://ann:pw@host:6379/0"), "redis://ann:***@host:6379/0");
  EXPECT_EQ(config::redact("redis://:pw@host"), "redis://:***@host");
  EXPECT_EQ(config::redact("redis://:p/w@host"), "redis://:***@host");
  EXPECT_EQ(config::redact("redis://:p@w@host"), "redis://:***@host");
  EXPECT_EQ(config::redact("postgresql://db/crm?user=a&password=pw&x=1"),
            "postgresql://db/crm?user=a&password=***&x=1");
  EXPECT_EQ(config::redact("host=db PASSWORD='p w' dbname=x"), "host=db PASSWORD=***");
}

TEST(redact, leaves_the_rest) {
  for (const auto* url : {"redis://localhost:6379", "https://tickets.internal/v2", "demo.sqlite", "",
                          "postgresql://ctxcache@db:5432/crm"}) {
    EXPECT_EQ(config::redact(url), url);
  }
}
