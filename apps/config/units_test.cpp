#include "config/units.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace std::chrono_literals;
namespace config = ctxcache::config;

TEST(duration, bare_number_is_seconds) {
  EXPECT_EQ(config::parse_duration("30"), 30s);
}

TEST(duration, every_unit) {
  EXPECT_EQ(config::parse_duration("500ms"), 500ms);
  EXPECT_EQ(config::parse_duration("30s"), 30s);
  EXPECT_EQ(config::parse_duration("5m"), 5min);
  EXPECT_EQ(config::parse_duration("2h"), 2h);
  EXPECT_EQ(config::parse_duration("1d"), 24h);
  EXPECT_EQ(config::parse_duration("-1s"), -1s);
}

TEST(duration, refuses_what_is_none) {
  for (const auto* text : {"", "s", "30 s", " 30", "30S", "1.5s", "1h30m", "0x10", "9223372036854775807s"}) {
    EXPECT_EQ(config::parse_duration(text), std::nullopt) << text;
  }
}

TEST(bytes, binary_and_decimal_units) {
  EXPECT_EQ(config::parse_bytes("64MiB"), 64 << 20);
  EXPECT_EQ(config::parse_bytes("1GB"), 1'000'000'000);
  EXPECT_EQ(config::parse_bytes("512B"), 512);
  EXPECT_EQ(config::parse_bytes("7"), 7);
}

TEST(bytes, refuses_what_is_none) {
  for (const auto* text : {"", "MiB", "1.5GB", "1 MiB", "1mib", "9223372036854775807KiB"}) {
    EXPECT_EQ(config::parse_bytes(text), std::nullopt) << text;
  }
}

TEST(units, what_is_shown_can_be_read_again) {
  const bool holds = rc::check("shown values are read as themselves", [](std::int32_t number) {
    const std::chrono::milliseconds length{number};
    RC_ASSERT(config::parse_duration(config::format_duration(length)) == length);
    RC_ASSERT(config::parse_bytes(config::format_bytes(number)) == number);
  });
  EXPECT_TRUE(holds);
}

TEST(fraction, is_shown_as_short_as_it_can_be_read) {
  for (const auto* text : {"0", "0.001", "0.25", "1"}) {
    EXPECT_EQ(config::format_fraction(config::parse_fraction(text).value()), text);
  }
  EXPECT_EQ(config::parse_fraction("1e-3"), 0.001);
  for (const auto* text : {"", "0.1%", " 0.1", "0,1", "x"}) {
    EXPECT_EQ(config::parse_fraction(text), std::nullopt) << text;
  }
}

TEST(units, largest_unit_that_divides) {
  EXPECT_EQ(config::format_duration(30s), "30s");
  EXPECT_EQ(config::format_duration(300s), "5m");
  EXPECT_EQ(config::format_duration(1500ms), "1500ms");
  EXPECT_EQ(config::format_duration(0s), "0s");
  EXPECT_EQ(config::format_bytes(256 << 20), "256MiB");
  EXPECT_EQ(config::format_bytes(1000), "1000B");
}
