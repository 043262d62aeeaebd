// After a power cut, in whatever order the disk had got to what it was given,
// the store keeps its promises.
#include "tests/faults/states/crash_states.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/faults/states/store_judge.h"
#include "tests/faults/states/workloads.h"

namespace logd::faults {
namespace {

bool is_long_run() { return std::getenv("LOGD_FAULTS_LONG") != nullptr; }

CrashChoice choice_of_run() {
  if (!is_long_run()) return {};
  return {.changes_max = 200, .random_subsets = 100};
}

class PowerCut : public ::testing::TestWithParam<Workload> {
 protected:
  void judge_all(const Stage& stage, const CrashChoice& choice) {
    StoreJudge judge(stage.story());
    states_ += for_each_crash_state(
        stage.history(), choice,
        [&](const CrashState& state, const Directory& files) {
          const auto right = judge.judge(state, files);
          EXPECT_TRUE(right) << state.describe(stage.history());
          return static_cast<bool>(right);
        });
  }

  size_t states_ = 0;
};

TEST_P(PowerCut, LosesNothingThatWasReportedDurable) {
  Stage stage;
  if (GetParam().prepare) {
    GetParam().prepare(stage);
    stage.settle();
  }
  GetParam().run(stage);
  stage.die();
  judge_all(stage, choice_of_run());
  RecordProperty("states", static_cast<int>(states_));
  EXPECT_GT(states_, 3U);
}

// The kernel has all that a killed process did. The next one builds on it, and
// must not promise what the disk has not got.
TEST_P(PowerCut, LosesNothingAfterAKillAnywhereBefore) {
  const size_t step = is_long_run() ? 1 : GetParam().kill_step;
  bool killed = true;
  for (size_t kill_after = 0; killed; kill_after += step) {
    SCOPED_TRACE("killed after " + std::to_string(kill_after) + " calls");
    Stage stage;
    if (GetParam().prepare) GetParam().prepare(stage);
    stage.settle();
    const size_t kill_at = stage.history().calls() + kill_after;
    stage.history().kill_at(kill_at);
    GetParam().run(stage);
    killed = stage.history().is_dead();
    stage.die();
    StoreJudge judge(stage.story());
    ASSERT_TRUE(judge.judge({.calls = kill_at, .note = stage.written_seq()},
                            read_directory(stage.path())));
    stage.start();
    stage.store({"y"});
    stage.sync();
    stage.store({"z"});
    stage.die();
    judge_all(stage, {.changes_max = is_long_run() ? size_t{50} : 5,
                      .first_call = kill_at});
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(During, PowerCut, ::testing::ValuesIn(workloads()),
                         [](const auto& workload) {
                           return std::string(workload.param.name);
                         });

}  // namespace
}  // namespace logd::faults
