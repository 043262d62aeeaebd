#include "logd/intake/intake_pace.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

struct Round {
  uint64_t messages;
  uint64_t since_us;
  uint64_t rest_us;
};

TEST(IntakePace, RestsOnlyWhereMessagesComeOftenAndFew) {
  const Round rounds[] = {
      {1, 1'000'000, 0},  // after a silence
      {1, 5'000, 0},
      {0, 100, 0},      // a signal, a new stream
      {1, 200, 2'000},  // 5,000 a second
      {10, 2'000, 2'000},
      {20, 100, 240},  // 200,000 a second: until a round is full
      {40, 20, 0},     // nearly is
      {64, 100, 0},    // more than a round takes
      {5'000, 900, 0},
  };
  for (const Round& round : rounds) {
    EXPECT_EQ(IntakePace(512).rest_us(round.messages, round.since_us),
              round.rest_us)
        << round.messages << " in " << round.since_us;
  }
}

TEST(IntakePace, NeverRestsUntilAShortQueueIsFull) {
  const Round rounds[] = {
      {1, 200, 1'000},  // 5,000 a second: 5 are half of the queue
      {4, 1'000, 1'250},
      {5, 1'000, 0},
      {2, 20, 0},   // 100,000 a second
      {11, 20, 0},  // it was full
  };
  for (const Round& round : rounds) {
    EXPECT_EQ(IntakePace(10).rest_us(round.messages, round.since_us),
              round.rest_us)
        << round.messages << " in " << round.since_us;
  }
  EXPECT_EQ(IntakePace(0).rest_us(1, 200), 0U);
}

}  // namespace
}  // namespace logd
