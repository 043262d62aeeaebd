#include "logd/intake/clock_watch.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace logd {
namespace {

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kHourUs = 3600 * kSecondUs;

// The clocks of a machine that was booted a day ago.
struct Clocks {
  uint64_t realtime_us = 1'796'040'000 * kSecondUs;
  uint64_t boottime_us = 24 * kHourUs;
  uint64_t monotonic_us = 24 * kHourUs;

  ClockWatch::ReadClock reader() {
    return [this](clockid_t clock) {
      run(1);  // reading takes time
      if (clock == CLOCK_REALTIME) return realtime_us;
      return clock == CLOCK_BOOTTIME ? boottime_us : monotonic_us;
    };
  }
  void run(uint64_t us) {
    sleep(us);
    monotonic_us += us;
  }
  void sleep(uint64_t us) {
    realtime_us += us;
    boottime_us += us;
  }
};

class ClockWatchTest : public testing::Test {
 protected:
  // What one wake-up has to tell.
  std::vector<Event> told() {
    watch_.on_ready();
    return events_.take();
  }
  void expect_offset() {
    const auto offset =
        static_cast<int64_t>(clocks_.realtime_us - clocks_.monotonic_us);
    EXPECT_NEAR(static_cast<double>(watch_.offset_us() - offset), 0, 3);
  }

  Clocks clocks_;
  EventLog events_;
  ClockWatch watch_{events_, clocks_.reader()};
};

TEST_F(ClockWatchTest, TellsOfEachStep) {
  const struct {
    int64_t step_us;
    std::string_view message;
  } cases[] = {
      {-static_cast<int64_t>(kHourUs), "the clock was set 3600.0000"},
      {static_cast<int64_t>(25 * kHourUs), "the clock was set 90000.0000"},
      {200'000, "the clock was set 0.2000"},
  };
  for (const auto& c : cases) {
    clocks_.run(7 * kHourUs);
    clocks_.realtime_us += static_cast<uint64_t>(c.step_us);
    const auto events = told();
    ASSERT_EQ(events.size(), 1U) << c.step_us;
    const Event& event = events.front();
    EXPECT_EQ(event.kind, EventKind::kClockStepped);
    EXPECT_TRUE(event.message.starts_with(c.message)) << event.message;
    EXPECT_TRUE(event.message.ends_with(c.step_us < 0 ? "back" : "ahead"));
    EXPECT_EQ(event.fields.front().first, "STEP_USEC");
    EXPECT_NEAR(std::stod(event.fields.front().second),
                static_cast<double>(c.step_us), 5);
    expect_offset();
    EXPECT_TRUE(told().empty());
  }
}

TEST_F(ClockWatchTest, SleepingIsNoStep) {
  clocks_.run(kHourUs);
  clocks_.sleep(8 * kHourUs);
  EXPECT_TRUE(told().empty());
  expect_offset();
}

TEST_F(ClockWatchTest, AStepWhileTheMachineSleptIsOne) {
  clocks_.sleep(8 * kHourUs);
  clocks_.realtime_us -= kHourUs;
  const auto events = told();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NEAR(std::stod(events.front().fields.front().second), -3.6e9, 5);
  expect_offset();
}

TEST_F(ClockWatchTest, SmallStepsAreToldWhenTheyAddUp) {
  size_t told_of = 0;
  for (int i = 0; i < 6; ++i) {
    clocks_.realtime_us += 20'000;
    told_of += told().size();
    expect_offset();
  }
  EXPECT_EQ(told_of, 2U);
}

TEST_F(ClockWatchTest, BeingInterruptedWhileReadingIsNoStep) {
  int reads = 0;
  ClockWatch watch(events_, [&](clockid_t clock) {
    if (++reads % 7 == 0) clocks_.run(kSecondUs);
    return clocks_.reader()(clock);
  });
  for (int i = 0; i < 100; ++i) watch.check();
  EXPECT_TRUE(events_.take().empty());
}

TEST(ClockWatch, WakesNobodyWhileNobodySetsTheClock) {
  EventLog events;
  const ClockWatch watch(events);
  pollfd timer{watch.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&timer, 1, 50), 0);
  EXPECT_GE(watch.fd(), 0);
}

}  // namespace
}  // namespace logd
