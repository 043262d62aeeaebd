#include "query/engine/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace logq_test {
namespace {

using logq::ReadAhead;
using ThreadId = std::thread::id;

TEST(ReadAhead, GivesResultsInTheOrderOfTheJobs) {
  ReadAhead<int> jobs;
  int pushed = 0;
  for (int popped = 0; popped < 200; ++popped) {
    while (pushed < 200 && jobs.has_room()) {
      jobs.push(
          [number = pushed] {
            // Later jobs are quicker.
            std::this_thread::sleep_for(
                std::chrono::microseconds(number % 3 == 0 ? 300 : 0));
            return number;
          },
          1);
      ++pushed;
    }
    ASSERT_EQ(jobs.pop(), popped);
  }
}

TEST(ReadAhead, BeginsWithoutThreads) {
  ReadAhead<ThreadId> jobs;
  for (size_t i = 0; i < logq::kJobsWithoutThreads; ++i) {
    ASSERT_TRUE(jobs.has_room());
    jobs.push([] { return std::this_thread::get_id(); }, 1);
    EXPECT_FALSE(jobs.has_room());
    EXPECT_EQ(jobs.pop(), std::this_thread::get_id());
  }
}

TEST(ReadAhead, HoldsNoMoreThanItsLimits) {
  ReadAhead<int> jobs;
  const auto fill = [&](uint64_t bytes) {
    while (!jobs.empty()) (void)jobs.pop();
    size_t begun = 0;
    for (; jobs.has_room(); ++begun) jobs.push([] { return 0; }, bytes);
    return begun;
  };
  for (size_t i = 0; i < logq::kJobsWithoutThreads; ++i) {
    EXPECT_EQ(fill(1), 1u);
  }
  const bool threads = std::thread::hardware_concurrency() > 1;
  EXPECT_EQ(fill(1), threads ? logq::kBlocksAheadMax : 1u);
  EXPECT_EQ(fill(logq::kBytesAheadMax), 1u);
}

TEST(ReadAhead, EndsWithJobsThatNobodyAskedFor) {
  std::atomic<int> running = 0;
  {
    ReadAhead<int> jobs;
    const auto job = [&running] {
      ++running;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      --running;
      return 0;
    };
    for (size_t i = 0; i < logq::kJobsWithoutThreads; ++i) {
      jobs.push(job, 1);
      (void)jobs.pop();
    }
    while (jobs.has_room()) jobs.push(job, 1);
    jobs.clear();
    EXPECT_TRUE(jobs.empty());
    jobs.push(job, 1);
    (void)jobs.pop();
    while (jobs.has_room()) jobs.push(job, 1);
  }
  EXPECT_EQ(running, 0);
}

}  // namespace
}  // namespace logq_test
