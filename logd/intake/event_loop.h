// A small epoll loop: descriptors and who is called when they are readable.
//
// Level-triggered: a source that leaves something unread is called again, so
// each takes a bounded bite and nobody starves the others. Sources unregister
// themselves before they are destroyed. One thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <unordered_set>

#include "format/file.h"
#include "format/result.h"

namespace logd {

class EventSource {
 public:
  virtual ~EventSource() = default;
  virtual void on_ready() = 0;
  // Called before the others of a round. Datagrams are: a client that sends one
  // and then writes to a stream has them stored in this order.
  virtual bool goes_first() const { return false; }
};

class EventLoop {
 public:
  static logfmt::Result<EventLoop> create();

  // The source must stay alive until remove().
  logfmt::Status add(int fd, EventSource& source);
  void remove(int fd, EventSource& source);

  // Readable while a source is ready.
  int fd() const { return epoll_.get(); }
  // Waits up to timeout_ms (-1: for ever) and calls what is ready.
  logfmt::Status run_once(int timeout_ms);

 private:
  static constexpr size_t kEventsMax = 256;

  explicit EventLoop(logfmt::Fd epoll) : epoll_(std::move(epoll)) {}

  logfmt::Fd epoll_;
  std::array<epoll_event, kEventsMax> ready_{};
  std::unordered_set<EventSource*> removed_;  // during a round of calls
};

}  // namespace logd
