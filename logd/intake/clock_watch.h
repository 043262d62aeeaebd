// Notices when somebody sets the clock, at once and without looking.
//
// The kernel wakes a timer of CLOCK_REALTIME that asked to be cancelled when
// that clock is set (timerfd_create(2)), and also after the machine has slept.
// The clock that runs on while it sleeps tells the two apart: CLOCK_REALTIME
// differs from CLOCK_BOOTTIME only after it was set. A step becomes an event;
// slewing, as NTP does it, changes all clocks alike and is none.
#pragma once

#include <time.h>

#include <cstdint>
#include <functional>

#include "format/file.h"
#include "logd/clock.h"
#include "logd/event_log.h"
#include "logd/intake/event_loop.h"

namespace logd {

class ClockWatch : public EventSource {
 public:
  using ReadClock = std::function<uint64_t(clockid_t)>;  // in microseconds

  // The event log must outlive this.
  explicit ClockWatch(EventLog& events, ReadClock read = clock_us);

  // Invalid where the kernel has no such timer: only check() helps then.
  int fd() const { return timer_.get(); }
  void on_ready() override;
  // What arrives in the same round is stored with the offset as it is now.
  bool goes_first() const override { return true; }

  // Compares the clocks; on_ready() does.
  void check();
  // CLOCK_REALTIME - CLOCK_MONOTONIC, when last compared: by this an entry's
  // monotonic time is told from its realtime.
  int64_t offset_us() const { return offset_us_; }

 private:
  // CLOCK_REALTIME - `other`.
  int64_t realtime_less(clockid_t other) const;

  EventLog& events_;
  ReadClock read_;
  logfmt::Fd timer_;
  int64_t offset_us_;
  int64_t boot_offset_us_;
};

}  // namespace logd
