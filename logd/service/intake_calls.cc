#include "logd/service/intake_calls.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace logd {

IntakeCalls::IntakeCalls() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool IntakeCalls::call(const std::function<void()>& work) {
  Call call{.work = &work};
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  waiting_.push_back(&call);
  (void)eventfd_write(wake_.get(), 1);
  changed_.wait(lock, [&] { return call.done || closed_; });
  return call.done;
}

// Each is taken from the queue only when it has run: a caller that close()
// wakes has its call in the queue still, and nobody looks at it any more.
void IntakeCalls::on_ready() {
  eventfd_t count = 0;
  (void)eventfd_read(wake_.get(), &count);
  std::unique_lock lock(mutex_);
  while (!waiting_.empty()) {
    Call& next = *waiting_.front();
    lock.unlock();
    (*next.work)();
    lock.lock();
    next.done = true;
    waiting_.pop_front();
    changed_.notify_all();
  }
}

void IntakeCalls::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
  changed_.notify_all();
}

}  // namespace logd
