// Sleeps until a watched descriptor changes or a deadline passes.
//
// It only wakes the loop and does not say why: after each wake-up the loop
// gives every part a turn, and each part looks for itself. All descriptors are
// watched edge-triggered, so a part must go on until the kernel has nothing
// more for it (EAGAIN), or name a deadline. Why edges: a stream socket is
// "writable" long before the peer has read everything, and only an edge says
// that the peer has read something. A closed descriptor is forgotten.
#pragma once

#include <chrono>
#include <optional>

#include "format/file.h"
#include "format/result.h"

namespace logrun {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;

// The earlier of two deadlines; none is later than any.
Deadline earlier(Deadline a, Deadline b);

class Poller {
 public:
  static logfmt::Result<Poller> create();

  // A regular file cannot be watched; it is always readable. That is an error
  // which the caller may ignore where it reads to the end by itself.
  logfmt::Status watch(int fd);
  void wait(Deadline deadline);

 private:
  explicit Poller(logfmt::Fd fd) : fd_(std::move(fd)) {}

  logfmt::Fd fd_;
};

}  // namespace logrun
