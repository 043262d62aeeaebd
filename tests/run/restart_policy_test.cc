#include "logd/run/restart_policy.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

namespace logrun {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(RestartPolicy, DecidesByTheWayTheCommandEnded) {
  const ChildExit success{.wait_status = W_EXITCODE(0, 0)};
  const ChildExit failure{.wait_status = W_EXITCODE(1, 0)};
  const ChildExit killed{.wait_status = W_EXITCODE(0, SIGTERM)};
  const struct {
    RestartPolicy policy;
    bool after_success;
    bool after_failure;
  } cases[] = {
      {RestartPolicy::kNo, false, false},
      {RestartPolicy::kOnFailure, false, true},
      {RestartPolicy::kAlways, true, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.after_success, should_restart(c.policy, success));
    EXPECT_EQ(c.after_failure, should_restart(c.policy, failure));
    EXPECT_EQ(c.after_failure, should_restart(c.policy, killed));
  }
}

TEST(RestartDelay, DoublesUpToTheMaximumWhileRunsAreShort) {
  RestartDelay delay(seconds(1), seconds(10));
  for (const int s : {1, 2, 4, 8, 10, 10}) {
    EXPECT_EQ(seconds(s), delay.next(seconds(3)));
  }
}

TEST(RestartDelay, IsTheFirstAgainAfterALongRun) {
  RestartDelay delay(seconds(1), minutes(5));
  EXPECT_EQ(seconds(1), delay.next(seconds(0)));
  EXPECT_EQ(seconds(2), delay.next(seconds(0)));
  EXPECT_EQ(seconds(4), delay.next(seconds(60)));
  EXPECT_EQ(seconds(1), delay.next(seconds(61)));
  EXPECT_EQ(seconds(2), delay.next(seconds(0)));
}

TEST(RestartDelay, ALongRunIsOneLongerThanTheDelayBeforeIt) {
  RestartDelay delay(minutes(3), minutes(5));
  EXPECT_EQ(minutes(3), delay.next(seconds(0)));
  EXPECT_EQ(minutes(5), delay.next(minutes(2)));
  EXPECT_EQ(minutes(5), delay.next(minutes(5)));
  EXPECT_EQ(minutes(3), delay.next(minutes(6)));
}

TEST(RestartDelay, FirstDelayIsNeverAboveTheMaximum) {
  RestartDelay delay(minutes(10), minutes(5));
  EXPECT_EQ(minutes(5), delay.next(seconds(0)));
}

TEST(RestartDelay, ZeroStaysZero) {
  RestartDelay delay(seconds(0), minutes(5));
  EXPECT_EQ(seconds(0), delay.next(seconds(0)));
  EXPECT_EQ(seconds(0), delay.next(seconds(0)));
}

}  // namespace
}  // namespace logrun
