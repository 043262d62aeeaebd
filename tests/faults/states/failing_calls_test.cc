// Whatever call the system refuses, and whenever: nothing that was taken is
// lost, nothing wrong is shown, and what was reported durable survives even a
// power cut right afterwards.
#include "tests/faults/states/failing_calls.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <tuple>

#include "logd/store/recovery.h"
#include "tests/faults/states/crash_states.h"
#include "tests/faults/states/store_judge.h"
#include "tests/faults/states/workloads.h"

namespace logd::faults {
namespace {

using Effect = CallFault::Effect;

const std::vector<CallFault>& faults() {
  static const std::vector<CallFault> all{
      {"Refused"},
      {"RefusedFromThenOn", Effect::kRefused, true},
      {"Shortened", Effect::kShortened, false, {CallKind::kWrite}},
      {"AlwaysShortened", Effect::kShortened, true, {CallKind::kWrite}},
      {"Interrupted",
       Effect::kInterrupted,
       false,
       {CallKind::kRead, CallKind::kWrite, CallKind::kReserve}},
      {"NotSynced",
       Effect::kRefused,
       false,
       {CallKind::kSyncData, CallKind::kSyncAll}},
      {"NeverSynced",
       Effect::kRefused,
       true,
       {CallKind::kSyncData, CallKind::kSyncAll}},
  };
  return all;
}

// Where a disk refuses all, a daemon gives up only after a second.
size_t step_of_run(bool stays = false) {
  if (std::getenv("LOGD_FAULTS_LONG") != nullptr) return 1;
  return stays ? 24 : 6;
}

class FailingCall
    : public ::testing::TestWithParam<std::tuple<Workload, CallFault>> {
 protected:
  // False where the workload ended before that call.
  bool run(size_t at) {
    const auto& [workload, fault] = GetParam();
    Stage stage;
    if (workload.prepare) workload.prepare(stage);
    stage.settle();
    FailingCalls failing(stage.history(), fault, at);
    stage.set_faults(&failing);
    workload.run(stage);
    stage.die();
    stage.set_faults(nullptr);
    judge(stage);
    return failing.happened();
  }

  void judge(const Stage& stage) {
    StoreJudge judge(stage.story());
    const size_t calls = stage.history().calls();
    EXPECT_TRUE(judge.judge({.calls = calls, .note = stage.written_seq()},
                            read_directory(stage.path())));
    const CrashChoice choice{.changes_max = 5, .first_call = calls};
    for_each_crash_state(stage.history(), choice,
                         [&](const CrashState& state, const Directory& files) {
                           const auto right = judge.judge(state, files);
                           EXPECT_TRUE(right)
                               << state.describe(stage.history());
                           return static_cast<bool>(right);
                         });
  }
};

TEST_P(FailingCall, CostsNothingThatWasWritten) {
  const auto& [workload, fault] = GetParam();
  if (workload.restarts && fault.is_of_syncs()) {
    GTEST_SKIP() << "no daemon knows what the one before it failed to sync";
  }
  bool happened = true;
  for (size_t at = 0; happened && !HasFailure();
       at += step_of_run(fault.stays)) {
    SCOPED_TRACE("from call " + std::to_string(at) + " on");
    happened = run(at);
  }
}

INSTANTIATE_TEST_SUITE_P(During, FailingCall,
                         ::testing::Combine(::testing::ValuesIn(workloads()),
                                            ::testing::ValuesIn(faults())),
                         [](const auto& both) {
                           return std::string(std::get<0>(both.param).name) +
                                  std::get<1>(both.param).name;
                         });

// A daemon that cannot start is started again; what it had begun does no harm.
class FailingRecovery : public ::testing::TestWithParam<Workload> {};

TEST_P(FailingRecovery, CanBeRepeated) {
  Stage stage;
  if (GetParam().prepare) GetParam().prepare(stage);
  GetParam().run(stage);
  stage.die();
  const Directory files = read_directory(stage.path());
  const CallFault fault{"Refused"};
  testing::TempDir dir;
  bool happened = true;
  for (size_t at = 0; happened; at += step_of_run()) {
    write_directory(dir.path(), files);
    DiskHistory history(dir.path());
    FailingCalls failing(history, fault, at);
    {
      const Observation observation(failing);
      const auto store = logfmt::StoreDir::open(dir.path());
      EventLog events;
      if (store) (void)recover_store(*store, events);
    }
    happened = failing.happened();
    StoreJudge judge(stage.story());
    ASSERT_TRUE(judge.judge(
        {.calls = stage.history().calls(), .note = stage.written_seq()},
        read_directory(dir.path())))
        << "call " << at << " failed";
  }
}

INSTANTIATE_TEST_SUITE_P(After, FailingRecovery,
                         ::testing::ValuesIn(workloads()),
                         [](const auto& workload) {
                           return std::string(workload.param.name);
                         });

}  // namespace
}  // namespace logd::faults
