#include "ctxcache/position.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace ctxcache {
namespace {

TEST(position, is_written_as_hexadecimal_epoch_and_decimal_sequence) {
  EXPECT_EQ(to_string({.epoch = 0xABCDEF, .sequence = 42}), "0000000000abcdef.42");
  EXPECT_EQ(to_string({}), "0000000000000000.0");
}

RC_GTEST_PROP(position, is_read_as_it_was_written, ()) {
  const position place{.epoch = *rc::gen::arbitrary<std::uint64_t>(),
                       .sequence = *rc::gen::arbitrary<std::uint64_t>()};
  RC_ASSERT(parse_position(to_string(place)) == place);
}

TEST(position, of_the_largest_numbers_is_read) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(parse_position("ffffffffffffffff.18446744073709551615"), (position{most, most}));
  EXPECT_EQ(parse_position("ffffffffffffffff.18446744073709551616"), std::nullopt);
}

TEST(position, of_malformed_text_is_none) {
  for (const char* text :
       {"", ".", "0000000000000001", "0000000000000001.", "000000000000001.1", "00000000000000001.1",
        "0000000000000001.-1", "0000000000000001.+1", "0000000000000001. 1", "0000000000000001.1 ",
        "0000000000000001.x", "000000000000000g.1", "-000000000000001.1", "0x00000000000001.1",
        "0000000000000001:1", "0000000000000001.1.1"}) {
    EXPECT_EQ(parse_position(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ctxcache
