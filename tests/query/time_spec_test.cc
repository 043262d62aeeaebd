#include "query/time_spec.h"

#include <gtest/gtest.h>

#include <vector>

namespace logq {
namespace {

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kDayUs = 86'400 * kSecondUs;
// Sunday 2026-11-22 05:43:58 UTC, 06:43:58 in Berlin.
constexpr uint64_t kNowUs = 1795326238 * kSecondUs;

TimeContext berlin() {
  return {.now_us = kNowUs, .zone = *TimeZone::named("Europe/Berlin")};
}

struct Case {
  std::string text;
  double expected_s;
};

void expect_times(const std::vector<Case>& cases) {
  for (const auto& [text, expected_s] : cases) {
    const auto read = parse_time(text, berlin());
    ASSERT_TRUE(read) << text << ": " << read.error().detail;
    EXPECT_NEAR(static_cast<double>(*read) / 1e6, expected_s, 1e-6) << text;
  }
}

TEST(TimeSpec, ReadsSpansAsThePast) {
  expect_times({{"now", 1795326238},
                {"1h", 1795322638},
                {"-1h", 1795322638},
                {"1h ago", 1795322638},
                {"1h30m", 1795320838},
                {"1.5h", 1795320838},
                {"2 min", 1795326118},
                {"10 min ago", 1795325638},
                {"2 hours ago", 1795319038},
                {"1d 2h", 1795232638},
                {"-1M", 1792696438},
                {"-1m", 1795326178},
                {"-5", 1795326233},
                {"5 ago", 1795326233},
                {"-500ms", 1795326237.5},
                {"1week", 1794721438}});
}

TEST(TimeSpec, ReadsMarkedSpansAsTheFuture) {
  expect_times({{"+5min", 1795326538}, {"3min left", 1795326418}});
}

TEST(TimeSpec, ReadsEpochTimes) {
  expect_times({{"@1795326238.5", 1795326238.5},
                {"@5", 5},
                {"1795326238.760597", 1795326238.760597},
                {"1795326238760597", 1795326238.760597}});
}

TEST(TimeSpec, ReadsDaysAndTimes) {
  expect_times({{"today", 1795302000},
                {"yesterday", 1795215600},
                {"tomorrow", 1795388400},
                {"noon", 1795345200},
                {"yesterday 12:00", 1795258800},
                {"yesterday noon", 1795258800},
                {"05:00", 1795320000},
                {"05:00:00.5", 1795320000.5},
                {"2026-11-22", 1795302000},
                {"26-11-22", 1795302000},
                {"2026-11-22 05:43", 1795322580},
                {"2026-11-22 05:43:58.123456", 1795322638.123456},
                {"  2026-11-22   05:43  ", 1795322580}});
}

TEST(TimeSpec, ReadsWeekdaysAsTheLastOne) {
  expect_times({{"sunday", 1795302000},
                {"monday", 1794783600},
                {"Mon", 1794783600},
                {"last monday", 1794783600},
                {"last sunday", 1794697200},
                {"friday 18:00", 1795194000}});
}

TEST(TimeSpec, ReadsZones) {
  expect_times({{"2026-11-22T05:43:58Z", 1795326238},
                {"2026-11-22t05:43:58.5z", 1795326238.5},
                {"2026-11-22T05:43:58+02:00", 1795319038},
                {"2026-11-22T05:43+02:00", 1795318980},
                {"2026-11-22 05:43:58 +05", 1795308238},
                {"2026-11-22 05:43:58 +0530", 1795306438},
                {"2026-11-22 05:43:58 -0530", 1795346038},
                {"2026-11-22 05:43:58 UTC", 1795326238},
                {"2026-11-22 05:43:58 Asia/Tokyo", 1795293838},
                {"2026-11-22 05:43:58 CET", 1795322638},
                {"2026-07-22 05:43:58 CEST", 1784691838},
                {"Sun 2026-11-22 05:43:58 UTC", 1795326238},
                {"Sunday 2026-11-22 05:43:58.25 UTC", 1795326238.25},
                {"today UTC", 1795305600},
                {"05:00 +14:00", 1795273200}});
}

TEST(TimeSpec, ReadsYearlessDatesAsPast) {
  expect_times({{"Nov 22 05:00:00", 1795320000},
                {"Nov 22 05:00:00.250000", 1795320000.25},
                {"Nov 22 23:59:59", 1795388399},  // later today
                {"Dec 24 01:00:00", 1766534400},
                {"Feb 29 01:00", 1709164800}});
}

TEST(TimeSpec, KnowsTheChangesOfTheClock) {
  expect_times({{"2026-03-29", 1774738800},
                {"2026-03-29 01:59:59", 1774745999},
                {"2026-03-29 02:30", 1774747800},  // left out: 03:30 then
                {"2026-03-29 03:00", 1774746000},
                {"2026-10-25 01:59:59", 1792886399},
                {"2026-10-25 02:30", 1792888200},  // the first of the two
                {"2026-10-25 02:30 CEST", 1792888200},
                {"2026-10-25 02:30 CET", 1792891800},
                {"2026-10-25 03:00", 1792893600},
                {"2026-10-26", 1792969200}});
}

TEST(TimeSpec, CountsDaysOfTwentyThreeHours) {
  // Noon after the change; the midnight before it is 11 hours away.
  TimeContext context = berlin();
  context.now_us = 1774778400 * kSecondUs;
  EXPECT_EQ(*parse_time("today", context), 1774738800 * kSecondUs);
  EXPECT_EQ(*parse_time("tomorrow", context),
            *parse_time("today", context) + 23 * 3600 * kSecondUs);
}

TEST(TimeSpec, TimesBefore1970AreZero) {
  for (const auto text :
       {"1969-12-31", "0001-01-01", "1000y ago", "99999999999999999999y"}) {
    EXPECT_EQ(*parse_time(text, berlin()), 0u) << text;
  }
  EXPECT_EQ(*parse_time("69-01-01", berlin()), 0u);
  EXPECT_GT(*parse_time("68-01-01", berlin()), kNowUs + 365 * kDayUs);
}

TEST(TimeSpec, RefusesWhatItCannotRead) {
  for (const std::string text : {"",
                                 "   ",
                                 "foo",
                                 "5",
                                 "1h foo",
                                 "25:00",
                                 "05:60",
                                 "5",
                                 "1x",
                                 "2026-13-01",
                                 "2026-02-30",
                                 "2026-11-22T",
                                 "2026-11-22T05",
                                 "2026-11-22 05:43 EST",
                                 "2026-11-22 05:43 Mars/Base",
                                 "2026-11-22 05:43 ../../etc/passwd",
                                 "2026-11-22 2026-11-22",
                                 "last",
                                 "Nov",
                                 "Nov 31",
                                 "Nov 22 Nov 22",
                                 "12:00 13:00",
                                 "today yesterday",
                                 "@",
                                 "@x",
                                 "+",
                                 "-",
                                 "ago",
                                 "5 5 ago ago",
                                 "UTC",
                                 "2026-11-22 +2",
                                 "2026-11-22 05:43+02:",
                                 "05:00:00.",
                                 "05:00.5",
                                 "@-5"}) {
    EXPECT_FALSE(parse_time(text, berlin())) << text;
  }
  EXPECT_FALSE(parse_time(std::string(100'000, '1') + "h", berlin()));
}

TEST(TimeSpec, RefusesAWeekdayThatIsNotThatDays) {
  const auto read = parse_time("Mon 2026-11-22 05:43:58", berlin());
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("that day is not a monday"),
            std::string::npos);
}

TEST(TimeSpec, ErrorsQuoteTheTextAndShowExamples) {
  const auto read = parse_time("yestrday", berlin());
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("\"yestrday\""), std::string::npos);
  EXPECT_NE(read.error().detail.find("10 min ago"), std::string::npos);
}

}  // namespace
}  // namespace logq
