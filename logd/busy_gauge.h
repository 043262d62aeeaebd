// Whether so much came of late that it pays to let some of it gather before
// the next step: each step costs more than a message does, but who follows the
// log waits for it.
//
// A bucket that leaks: up to kCalmPerSecond it never fills, nor does a burst of
// kCalmBurst; an eighth of a second after it was full it is empty. One thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace logd {

class BusyGauge {
 public:
  static constexpr uint64_t kCalmPerSecond = 500;
  static constexpr uint64_t kCalmBurst = 16;

  // `count`: how many came since the last call; `now_us` never goes back.
  bool is_busy(uint64_t count, uint64_t now_us) {
    const uint64_t passed_us = now_us - at_us_;
    at_us_ = now_us;
    level_us_ -= std::min(level_us_, passed_us);
    level_us_ =
        std::min(level_us_ + std::min(count, kMost) * kUsEach, kMost * kUsEach);
    return level_us_ > kCalmBurst * kUsEach;
  }

 private:
  static constexpr uint64_t kUsEach = 1'000'000 / kCalmPerSecond;
  static constexpr uint64_t kMost = 4 * kCalmBurst;

  uint64_t level_us_ = 0;  // until it is empty
  uint64_t at_us_ = 0;
};

}  // namespace logd
