#include "logd/config_values.h"

#include <gtest/gtest.h>

#include <utility>

namespace logd {
namespace {

using std::chrono::microseconds;

TEST(Bytes, CountBy1024WhateverTheSpelling) {
  const std::pair<std::string_view, uint64_t> cases[] = {
      {"0", 0},           {"79", 79},
      {"79B", 79},        {"48K", 49152},
      {"48KB", 49152},    {"48KiB", 49152},
      {"48k", 49152},     {"50MB", 52428800},
      {"50M", 52428800},  {"50 MiB", 52428800},
      {"4G", 4294967296}, {"1T", 1099511627776},
  };
  for (const auto& [text, bytes] : cases) {
    const auto parsed = parse_bytes(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().detail;
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(Bytes, RefusesWhatIsNotASize) {
  for (const std::string_view text :
       {"", "M", "-1", "1.5G", "5 0", "50MBit", "50P", "50Mi", "50 M B", "0x10",
        "18446744073709551616", "16777216T", "+5"})
    EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(SizeLimit, IsASizeOrAShare) {
  EXPECT_EQ(parse_size_limit("10%")->percent, 10u);
  EXPECT_EQ(parse_size_limit("2G")->bytes, uint64_t{2} << 30);
  for (const std::string_view text : {"0%", "101%", "%", "10 %%", "ten", ""})
    EXPECT_FALSE(parse_size_limit(text)) << text;
}

TEST(SizeLimit, AShareFollowsTheFileSystemUpToItsCeiling) {
  const SizeLimit limit{.percent = 10, .share_bytes_max = 5000};
  EXPECT_EQ(limit.bytes_of(10000), 1000u);
  EXPECT_EQ(limit.bytes_of(1000000), 5000u);
  EXPECT_EQ(SizeLimit{.bytes = 7000}.bytes_of(10), 7000u);
}

TEST(Span, AddsUpNumbersWithUnits) {
  const std::pair<std::string_view, int64_t> cases[] = {
      {"0", 0},
      {"30", 30'000'000},
      {"30s", 30'000'000},
      {"1h30m", 5'400'000'000},
      {"1h 30min", 5'400'000'000},
      {" 2 days 12 hours ", 216'000'000'000},
      {"1day", 86'400'000'000},
      {"90d", 7'776'000'000'000},
      {"2w", 1'209'600'000'000},
      {"1month", 2'629'800'000'000},
      {"1M", 2'629'800'000'000},
      {"1y", 31'557'600'000'000},
      {"250ms", 250'000},
      {"7us", 7},
      {"7µs", 7},
  };
  for (const auto& [text, us] : cases) {
    const auto parsed = parse_span(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().detail;
    EXPECT_EQ(*parsed, microseconds(us)) << text;
  }
}

TEST(Span, RefusesWhatIsNotASpan) {
  for (const std::string_view text :
       {"", " ", "d", "day", "-1s", "1.5h", "1 fortnight", "1h-30m",
        "99999999999999999999s", "300000000y", "1S"})
    EXPECT_FALSE(parse_span(text)) << text;
}

TEST(ClosestName, IsAtMostTwoEditsAway) {
  constexpr std::string_view kNames[] = {"max_use", "keep_free", "max_age"};
  EXPECT_EQ(closest_name("max_usee", kNames), "max_use");
  EXPECT_EQ(closest_name("maxage", kNames), "max_age");
  EXPECT_EQ(closest_name("keepfre", kNames), "keep_free");
  EXPECT_EQ(closest_name("retention", kNames), "");
  EXPECT_EQ(closest_name(std::string(100'000, 'x'), kNames), "");
}

}  // namespace
}  // namespace logd
