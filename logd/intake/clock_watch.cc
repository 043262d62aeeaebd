#include "logd/intake/clock_watch.h"

#include <fmt/format.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <utility>

namespace logd {
namespace {

// Less is no news: reading two clocks takes time, and a leap second or a first
// correction by NTP may step a little.
constexpr int64_t kStepUsMin = 50'000;

// Never expires, but is cancelled when the clock is set.
logfmt::Fd make_timer() {
  logfmt::Fd timer(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<time_t>::max();
  if (timerfd_settime(timer.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
                      &never, nullptr) != 0 &&
      errno != ECANCELED) {  // set at this very moment: armed all the same
    timer.reset();
  }
  return timer;
}

}  // namespace

ClockWatch::ClockWatch(EventLog& events, ReadClock read)
    : events_(events),
      read_(std::move(read)),
      timer_(make_timer()),
      offset_us_(realtime_less(CLOCK_MONOTONIC)),
      boot_offset_us_(realtime_less(CLOCK_BOOTTIME)) {}

// The middle of two readings, of the closest of three attempts: to be
// interrupted between them must not look like a step.
int64_t ClockWatch::realtime_less(clockid_t other) const {
  uint64_t apart = UINT64_MAX;
  uint64_t less = 0;
  for (int i = 0; i < 3; ++i) {
    const uint64_t before = read_(other);
    const uint64_t realtime = read_(CLOCK_REALTIME);
    const uint64_t after = read_(other);
    if (after - before >= apart) continue;
    apart = after - before;
    less = realtime - before - apart / 2;
  }
  return static_cast<int64_t>(less);
}

void ClockWatch::on_ready() {
  // Fails with ECANCELED, by which the timer is armed again.
  uint64_t expirations = 0;
  (void)!read(timer_.get(), &expirations, sizeof expirations);
  check();
}

void ClockWatch::check() {
  offset_us_ = realtime_less(CLOCK_MONOTONIC);
  const int64_t boot_offset_us = realtime_less(CLOCK_BOOTTIME);
  const int64_t step_us = boot_offset_us - boot_offset_us_;
  if (std::llabs(step_us) < kStepUsMin) return;
  boot_offset_us_ = boot_offset_us;
  events_.post(
      {.kind = EventKind::kClockStepped,
       .priority = 5,
       .message = fmt::format("the clock was set {:.6f} s {}",
                              static_cast<double>(std::llabs(step_us)) / 1e6,
                              step_us < 0 ? "back" : "ahead"),
       .fields = {{"STEP_USEC", std::to_string(step_us)}}});
}

}  // namespace logd
