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

INSTANTIATE_TEST_SUITE_P(During, PowerCut, ::testing::ValuesIn(workloads()),
                         [](const auto& workload) {
                           return std::string(workload.param.name);
                         });

}  // namespace
}  // namespace logd::faults
