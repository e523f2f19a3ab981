#include "ctxcache/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/try.hpp"

namespace ctxcache {
namespace {

TEST(error, every_code_has_a_name_and_a_message_of_its_own) {
  std::set<std::string> names;
  std::set<std::string> messages;
  for (int value = 1; value <= static_cast<int>(errc::internal); ++value) {
    const error_code code = static_cast<errc>(value);
    names.emplace(code_name(code));
    messages.insert(code.message());
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(errc::internal));
  EXPECT_EQ(messages.size(), names.size());
}

TEST(error, a_foreign_code_is_named_internal) {
  EXPECT_EQ(code_name(boost::system::errc::make_error_code(boost::system::errc::io_error)), "internal");
}

result<int> half_of(result<int> whole) {
  CTX_TRY(const int value, whole);
  return value / 2;
}

TEST(ctx_try, takes_the_value_or_returns_the_error) {
  EXPECT_EQ(*half_of(8), 4);
  EXPECT_EQ(half_of(errc::overloaded).error(), errc::overloaded);
}

}  // namespace
}  // namespace ctxcache
