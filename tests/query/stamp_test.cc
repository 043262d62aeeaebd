#include "query/stamp.h"

#include <gtest/gtest.h>

#include "query/time_spec.h"
#include "query/time_zone.h"

namespace logq {
namespace {

// 2026-10-25 00:59:59.999999 UTC: in Berlin the last moment of summer time.
constexpr uint64_t kLastSummerUs = 1792889999'999999;

std::string text_of(Stamp& stamp, uint64_t us) {
  std::string out;
  stamp.append(out, us);
  return out;
}

class StampInBerlin : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(set_process_zone("Europe/Berlin")); }
  void TearDown() override { ASSERT_TRUE(set_process_zone("UTC")); }
};

TEST_F(StampInBerlin, ChangesTheOffsetWithTheClock) {
  Stamp iso(StampStyle::kIsoPrecise, false);
  EXPECT_EQ(text_of(iso, kLastSummerUs), "2026-10-25T02:59:59.999999+02:00");
  EXPECT_EQ(text_of(iso, kLastSummerUs + 1),
            "2026-10-25T02:00:00.000000+01:00");
  Stamp full(StampStyle::kFull, false);
  EXPECT_EQ(text_of(full, kLastSummerUs), "Sun 2026-10-25 02:59:59 CEST");
  EXPECT_EQ(text_of(full, kLastSummerUs + 1), "Sun 2026-10-25 02:00:00 CET");
}

TEST_F(StampInBerlin, DoesNotLeakTheMinuteBefore) {
  Stamp stamp(StampStyle::kShort, false);
  EXPECT_EQ(text_of(stamp, 1795326239'000000), "Nov 22 06:43:59");
  EXPECT_EQ(text_of(stamp, 1795326240'000000), "Nov 22 06:44:00");
  EXPECT_EQ(text_of(stamp, 1795326181'000000), "Nov 22 06:43:01");
}

// However the time goes on, or back, each stamp is what a new one would be.
TEST_F(StampInBerlin, DoesNotLeakTheTimeBefore) {
  constexpr uint64_t kStartUs = 1795326238'760597;
  for (const auto style :
       {StampStyle::kShort, StampStyle::kShortPrecise, StampStyle::kIso,
        StampStyle::kIsoPrecise, StampStyle::kFull, StampStyle::kFullPrecise,
        StampStyle::kUnix}) {
    Stamp kept(style, false);
    for (const int64_t step_us : std::initializer_list<int64_t>{
             0, 1, 239'402, 1, 999'999, 1, 1'000'000, 59'000'000, 60'000'000,
             -1, -1'000'000, 3'600'000'000, -86'400'000'000}) {
      const uint64_t us = kStartUs + static_cast<uint64_t>(step_us);
      Stamp fresh(style, false);
      EXPECT_EQ(text_of(kept, us), text_of(fresh, us));
    }
  }
}

TEST_F(StampInBerlin, PrintsOnlyWhatIsAcceptedAsATime) {
  for (const uint64_t us : {1795326238'760597u, 1774747800'000001u,
                            1792888200'000000u, 1792891800'000000u}) {
    const TimeContext context{.now_us = us + 3600'000000};
    for (const auto style :
         {StampStyle::kShort, StampStyle::kShortPrecise, StampStyle::kIso,
          StampStyle::kIsoPrecise, StampStyle::kFull, StampStyle::kFullPrecise,
          StampStyle::kUnix}) {
      Stamp stamp(style, false);
      const std::string text = text_of(stamp, us);
      const auto read = parse_time(text, context);
      ASSERT_TRUE(read) << text;
      EXPECT_EQ(text_of(stamp, *read), text);
    }
  }
}

}  // namespace
}  // namespace logq
