// The two clocks of an entry, in microseconds.
#pragma once

#include <time.h>

#include <cstdint>

namespace logd {

inline uint64_t clock_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<uint64_t>(now.tv_nsec) / 1'000;
}

inline uint64_t realtime_us() { return clock_us(CLOCK_REALTIME); }
inline uint64_t monotonic_us() { return clock_us(CLOCK_MONOTONIC); }

}  // namespace logd
