// A disk that fails to sync once: what the kernel still shows of the file may
// never reach the disk. It is written again, elsewhere.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/faults/states/crash_states.h"
#include "tests/faults/states/store_judge.h"

namespace logd::faults {
namespace {

class FailedSync : public ::testing::Test {
 protected:
  FailedSync() {
    stage_.start();
    stage_.store({"a"});
    stage_.sync();
    stage_.settle();
  }

  bool becomes_durable() {
    return testing::becomes_true([this] {
      stage_.sync();
      return stage_.daemon().syncer().durable_seq() >= stage_.written_seq();
    });
  }

  Stage stage_;
};

TEST_F(FailedSync, IsMadeGoodInAnotherFile) {
  const CallFault once{
      "NotSynced", CallFault::Effect::kRefused, false, {CallKind::kSyncData}};
  FailingCalls failing(stage_.history(), once, 0);
  stage_.set_faults(&failing);
  const uint64_t durable_seq = stage_.written_seq();
  stage_.store({"b", noise(9'000, 3)});
  stage_.store({"c"});
  stage_.sync();
  EXPECT_TRUE(failing.happened());
  EXPECT_GE(stage_.daemon().syncer().durable_seq(), durable_seq);
  stage_.store({"d"});
  EXPECT_TRUE(becomes_durable());
  const auto told = stage_.daemon().events().take();
  EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const Event& event) {
    return event.kind == EventKind::kStoreFailed;
  }));
  stage_.die();
  stage_.set_faults(nullptr);
  StoreJudge judge(stage_.story());
  for_each_crash_state(stage_.history(), {},
                       [&](const CrashState& state, const Directory& files) {
                         const auto right = judge.judge(state, files);
                         EXPECT_TRUE(right) << state.describe(stage_.history());
                         return static_cast<bool>(right);
                       });
}

}  // namespace
}  // namespace logd::faults
