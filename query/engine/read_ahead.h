// Results of jobs on blocks, in the order in which the jobs were given, made
// ahead of their consumer.
//
// The first jobs run in the consumer's own thread, when their result is asked
// for: most queries end within them, and a thread costs more than a short
// answer. From then on two threads work ahead, as far as the limits below
// allow. Jobs that nobody asked for are dropped with the object; those that
// have begun are waited for. What a job refers to must live that long.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "query/engine/workers.h"

namespace logq {

inline constexpr size_t kJobsWithoutThreads = 2;
inline constexpr size_t kReadAheadThreads = 2;
// Of blocks begun or waiting to be consumed: so many, and so many bytes of
// payload. One block is always allowed, however large.
inline constexpr size_t kBlocksAheadMax = 3;
inline constexpr uint64_t kBytesAheadMax = 16 << 20;

template <class T>
class ReadAhead {
 public:
  bool empty() const { return jobs_.empty(); }
  bool has_room() const {
    if (jobs_.empty()) return true;
    return workers_ && workers_->size() > 0 && jobs_.size() < kBlocksAheadMax &&
           bytes_ < kBytesAheadMax;
  }
  // `bytes`: what the result will take up in memory, roughly.
  void push(std::function<T()> job, uint64_t bytes) {
    ++pushed_;
    bytes_ += bytes;
    if (pushed_ > kJobsWithoutThreads && !workers_) start_threads();
    // Shared, because a std::function has to be copyable.
    auto task = std::make_shared<std::packaged_task<T()>>(std::move(job));
    const bool elsewhere = workers_ && workers_->size() > 0;
    jobs_.push_back({.result = task->get_future(),
                     .bytes = bytes,
                     .own = elsewhere ? nullptr : task});
    if (elsewhere) workers_->run([task] { (*task)(); });
  }
  // Of the oldest job; there must be one.
  T pop() {
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    bytes_ -= job.bytes;
    if (job.own) (*job.own)();
    return job.result.get();
  }
  // Forgets all jobs.
  void clear() {
    if (workers_) workers_->drop_waiting();
    jobs_.clear();
    bytes_ = 0;
  }

 private:
  struct Job {
    std::future<T> result;
    uint64_t bytes;
    std::shared_ptr<std::packaged_task<T()>> own;  // not a worker's
  };

  void start_threads() {
    const size_t processors = std::thread::hardware_concurrency();
    workers_.emplace(processors > 1 ? kReadAheadThreads : 0);
  }

  size_t pushed_ = 0;
  uint64_t bytes_ = 0;
  std::deque<Job> jobs_;
  std::optional<Workers> workers_;  // ends before the jobs do
};

}  // namespace logq
