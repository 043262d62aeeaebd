#include "logd/run/event_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/run/fake_daemon.h"

namespace logrun {
namespace {

using logrun_test::FakeDaemon;
using logrun_test::field_of;
using logrun_test::wait_until;

TEST(EventQueue, SaysHowManyWereDropped) {
  constexpr size_t kDropped = 3;
  constexpr size_t kPosted = EventQueue::kEventsMax + kDropped;
  FakeDaemon daemon;
  EventQueue events(daemon.directory() + "/native");
  for (size_t i = 0; i < kPosted; ++i) {
    events.post("MESSAGE=" + std::to_string(i) + "\n");
  }
  auto now = Clock::now();
  events.turn(now);
  ASSERT_FALSE(events.empty());
  daemon.start();
  EXPECT_TRUE(wait_until([&] {
    events.turn(now += EventQueue::kRetryMax);
    return events.empty();
  }));
  ASSERT_TRUE(daemon.wait_for_events(EventQueue::kEventsMax));
  const auto taken = daemon.events();
  for (size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(std::to_string(i + kDropped), field_of(taken[i], "MESSAGE"));
    EXPECT_EQ(i == 0 ? "3" : "", field_of(taken[i], "N_DROPPED"));
  }
}

}  // namespace
}  // namespace logrun
