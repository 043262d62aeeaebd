// A daemon without memory may end at once, for it is started again. What it
// had stored and promised is there then.
#include "tests/faults/states/failing_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/faults/states/store_judge.h"
#include "tests/faults/states/workloads.h"

namespace logd::faults {
namespace {

constexpr size_t kNever = std::numeric_limits<size_t>::max();

// What a child says of itself; shared with it.
struct Report {
  char path[256] = {};
  std::atomic<uint64_t> written_seq = 0;
  std::atomic<size_t> allocations = 0;
};

class FailingMemory : public ::testing::TestWithParam<Workload> {
 protected:
  FailingMemory()
      : report_(static_cast<Report*>(
            mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~FailingMemory() override { munmap(report_, sizeof(Report)); }

  // Never returns; what is thrown ends the process.
  void live(size_t allocations) noexcept {
    // What std::terminate() has to say is not for the reader of the test.
    close(STDERR_FILENO);
    Stage stage;
    stage.path().copy(report_->path, sizeof report_->path - 1);
    if (GetParam().prepare) GetParam().prepare(stage);
    stage.settle();
    report_->written_seq = stage.written_seq();
    stage.set_on_written([&] { report_->written_seq = stage.written_seq(); });
    let_memory_run_out_after(allocations);
    GetParam().run(stage);
    report_->allocations = count_allocations();
    _exit(HasFailure() ? 1 : 0);
  }

  // Whether it went through.
  bool run_child(size_t allocations) {
    const pid_t child = fork();
    if (child == 0) live(allocations);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(status == 0 ||
                (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT))
        << "status " << status;
    return status == 0;
  }

  void judge(Story story) {
    const Directory files = read_directory(report_->path);
    std::filesystem::remove_all(report_->path);
    for (auto& erasure : story.erasures) erasure.over = kNever;
    StoreJudge judge(story);
    EXPECT_TRUE(judge.judge({.calls = kNever - 1, .note = report_->written_seq},
                            files));
  }

  Report* report_;
};

TEST_P(FailingMemory, CostsNothingThatWasWritten) {
  Stage stage;
  if (GetParam().prepare) GetParam().prepare(stage);
  GetParam().run(stage);
  stage.die();
  ASSERT_TRUE(run_child(kNever));
  judge(stage.story());
  const size_t runs = std::getenv("LOGD_FAULTS_LONG") != nullptr ? 400 : 12;
  const size_t allocations = report_->allocations;
  for (size_t i = 0; i < runs && !HasFailure(); ++i) {
    const size_t allowed = allocations * i / runs;
    SCOPED_TRACE("memory for " + std::to_string(allowed) + " allocations");
    (void)run_child(allowed);
    judge(stage.story());
  }
}

INSTANTIATE_TEST_SUITE_P(During, FailingMemory,
                         ::testing::ValuesIn(workloads()),
                         [](const auto& workload) {
                           return std::string(workload.param.name);
                         });

}  // namespace
}  // namespace logd::faults
