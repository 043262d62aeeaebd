#include "logd/run/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <limits>

namespace logrun {

Deadline earlier(Deadline a, Deadline b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

logfmt::Result<Poller> Poller::create() {
  logfmt::Fd fd(epoll_create1(EPOLL_CLOEXEC));
  if (!fd.valid()) return logfmt::fail_errno("cannot create an epoll instance");
  return Poller(std::move(fd));
}

logfmt::Status Poller::watch(int fd) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.fd = fd}};
  if (epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return logfmt::fail_errno("cannot watch a descriptor");
  }
  return {};
}

void Poller::wait(Deadline deadline) {
  int timeout_ms = -1;
  if (deadline) {
    // Rounded up, or the last fraction of a millisecond would be a busy loop.
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    timeout_ms = static_cast<int>(
        std::clamp<int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
  }
  std::array<epoll_event, 16> events;
  epoll_wait(fd_.get(), events.data(), events.size(), timeout_ms);
}

}  // namespace logrun
