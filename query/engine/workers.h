// Threads that run tasks in the order in which they are given.
//
// No thread outlives the object: at its end, tasks that have not begun are
// dropped and those that have are waited for. A machine that gives no thread
// is no error: size() says how many there are. run() is for one thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace logq {

class Workers {
 public:
  explicit Workers(size_t threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  size_t size() const { return threads_.size(); }
  void run(std::function<void()> task);
  // Takes back what has not begun.
  void drop_waiting();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace logq
