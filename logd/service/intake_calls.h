// Lets other threads have something done by the intake thread, which alone may
// touch sockets and the WAL.
//
// call() blocks its caller, never the intake: calls run between two rounds of
// the event loop. After close() every call is refused, those that wait too, so
// that nobody waits for a loop that has ended.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "format/file.h"
#include "logd/intake/event_loop.h"

namespace logd {

class IntakeCalls : public EventSource {
 public:
  IntakeCalls();

  // Returns when `work` has run in the intake thread; false if it never will.
  bool call(const std::function<void()>& work);
  // Of the intake thread.
  void on_ready() override;
  void close();
  int fd() const { return wake_.get(); }

 private:
  struct Call {
    const std::function<void()>* work;
    bool done = false;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call*> waiting_;
  bool closed_ = false;
  logfmt::Fd wake_;
};

}  // namespace logd
