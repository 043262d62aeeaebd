#include "logd/busy_gauge.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

// When it began to be busy, of `count` messages at `per_second`; 0: never.
uint64_t busy_from(BusyGauge& gauge, uint64_t count, uint64_t per_second) {
  for (uint64_t i = 1; i <= count; ++i) {
    if (gauge.is_busy(1, 1'000'000'000 + i * 1'000'000 / per_second)) return i;
  }
  return 0;
}

TEST(BusyGauge, IsCalmAtSomeHundredMessagesASecond) {
  BusyGauge gauge;
  EXPECT_EQ(busy_from(gauge, 100'000, BusyGauge::kCalmPerSecond), 0U);
}

TEST(BusyGauge, IsBusySoonAtSomeThousand) {
  BusyGauge gauge;
  const uint64_t from = busy_from(gauge, 1'000, 5'000);
  EXPECT_GT(from, BusyGauge::kCalmBurst);
  EXPECT_LT(from, 2 * BusyGauge::kCalmBurst);
}

TEST(BusyGauge, TakesABurstForNothingAndAFloodForBusy) {
  EXPECT_FALSE(BusyGauge().is_busy(BusyGauge::kCalmBurst, 1));
  EXPECT_TRUE(BusyGauge().is_busy(BusyGauge::kCalmBurst + 1, 1));
  EXPECT_TRUE(BusyGauge().is_busy(UINT64_MAX, 1));
}

TEST(BusyGauge, IsCalmAgainSoonAfterAnyFlood) {
  BusyGauge gauge;
  EXPECT_TRUE(gauge.is_busy(1'000'000, 1'000'000));
  EXPECT_TRUE(gauge.is_busy(1, 1'050'000));
  EXPECT_FALSE(gauge.is_busy(1, 1'125'000));
}

}  // namespace
}  // namespace logd
