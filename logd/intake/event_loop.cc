#include "logd/intake/event_loop.h"

#include <algorithm>
#include <cerrno>
#include <span>

namespace logd {

logfmt::Result<EventLoop> EventLoop::create() {
  logfmt::Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return logfmt::fail_errno("cannot make an epoll");
  return EventLoop(std::move(epoll));
}

logfmt::Status EventLoop::add(int fd, EventSource& source) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &source;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return logfmt::fail_errno("cannot watch a descriptor");
  }
  removed_.erase(&source);
  return {};
}

void EventLoop::remove(int fd, EventSource& source) {
  (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  removed_.insert(&source);
}

logfmt::Status EventLoop::run_once(int timeout_ms) {
  removed_.clear();
  const int count =
      epoll_wait(epoll_.get(), ready_.data(), kEventsMax, timeout_ms);
  if (count < 0 && errno != EINTR) return logfmt::fail_errno("epoll failed");
  const auto ready =
      std::span(ready_).first(static_cast<size_t>(std::max(count, 0)));
  std::stable_partition(ready.begin(), ready.end(), [](const auto& event) {
    return static_cast<EventSource*>(event.data.ptr)->goes_first();
  });
  for (const epoll_event& event : ready) {
    auto* source = static_cast<EventSource*>(event.data.ptr);
    // One source may have removed another that was ready as well.
    if (!removed_.contains(source)) source->on_ready();
  }
  return {};
}

}  // namespace logd
