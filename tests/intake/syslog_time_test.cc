#include "logd/intake/syslog_time.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

constexpr uint64_t kDayUs = 86'400'000'000;
constexpr uint64_t kNoonUs = 1'796'040'000'000'000;  // 2026-11-30T12:00:00Z

TEST(SyslogTime, GivesStampsWithoutZoneThatOfTheContext) {
  const SyslogContext context{.receive_time_us = kNoonUs, .utc_offset_s = 3600};
  const auto local = scan_local_stamp("Nov 30 13:00:00 x", context);
  ASSERT_TRUE(local);
  EXPECT_EQ(local->text, "Nov 30 13:00:00");
  EXPECT_EQ(local->time_us, kNoonUs);
  const auto zoned = scan_rfc5424_stamp("2026-11-30T12:00:00Z", context);
  ASSERT_TRUE(zoned);
  EXPECT_EQ(zoned->time_us, kNoonUs);
  EXPECT_EQ(scan_rfc5424_stamp("2026-11-30T13:00:00", context)->time_us,
            kNoonUs);
}

TEST(SyslogTime, TakesTheNewestYearThatIsAtMostSevenDaysAhead) {
  const auto time_at = [](uint64_t received_us, std::string_view text) {
    return scan_local_stamp(text, {.receive_time_us = received_us})->time_us;
  };
  EXPECT_EQ(time_at(kNoonUs, "Nov 30 12:00:00"), kNoonUs);
  EXPECT_EQ(time_at(kNoonUs, "Dec  7 12:00:00"), kNoonUs + 7 * kDayUs);
  EXPECT_EQ(time_at(kNoonUs, "Dec  7 12:00:01"),
            kNoonUs - 358 * kDayUs + 1'000'000);
  // On 31 December, 1 January is tomorrow.
  EXPECT_EQ(time_at(kNoonUs + 31 * kDayUs, "Jan  1 12:00:00"),
            kNoonUs + 32 * kDayUs);
}

TEST(SyslogTime, KeepsTheShapeOfImpossibleDatesWithoutAValue) {
  const SyslogContext context{.receive_time_us = kNoonUs};
  for (const auto* text :
       {"Feb 30 10:00:00", "Feb 29 10:00:00", "Jan 00 10:00:00",
        "Jan  1 24:00:00", "Jan  1 10:60:00", "Jan  1 10:00:61",
        "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+24:00",
        "0000-00-00T00:00:00Z", "1969-12-31T23:59:59Z"}) {
    const auto stamp = scan_network_stamp(text, context);
    ASSERT_TRUE(stamp) << text;
    EXPECT_EQ(stamp->text, text);
    EXPECT_EQ(stamp->time_us, std::nullopt) << text;
    EXPECT_TRUE(scan_local_stamp(text, context)) << text;
  }
}

TEST(SyslogTime, LeavesTextThatOnlyBeginsLikeAStamp) {
  const SyslogContext context{.receive_time_us = kNoonUs};
  for (const auto* text :
       {"", "N", "Nov", "Nov 3", "Nov  3 10:00", "Nov  3 10:00:0",
        "Nov  3 10:00:00x", "Nov  3  10:00:00", "Xyz  3 10:00:00", "2026-11-30",
        "2026-11-30T12:00:00Zx", "2026-11-30T12:00:00+1",
        "2026-11-30t12:00:00Z", "1563249630.774", "12345"}) {
    EXPECT_FALSE(scan_local_stamp(text, context)) << text;
    EXPECT_FALSE(scan_network_stamp(text, context)) << text;
    EXPECT_FALSE(scan_rfc5424_stamp(text, context)) << text;
  }
}

}  // namespace
}  // namespace logd
