// Stamps of messages that arrive in bursts, as those of a busy machine do.
//
// The length of a burst is geometric with mean 16. Gaps within a burst are
// exponential with a quarter of the mean gap; pauses between bursts are
// exponential with the mean that keeps the rate (12.25 mean gaps). Whole
// microseconds; never backwards; the same for the same seed.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace logbench {

class ArrivalClock {
 public:
  ArrivalClock(uint64_t start_us, double per_second, uint64_t seed)
      : start_us_(start_us), mean_gap_us_(1e6 / per_second), random_(seed) {}

  uint64_t next_us() {
    const bool burst_ends = uniform() < 1 / kBurstMean;
    const double mean = mean_gap_us_ * (burst_ends ? kPauseShare : kGapShare);
    elapsed_us_ -= mean * std::log1p(-uniform());
    return start_us_ + static_cast<uint64_t>(elapsed_us_);
  }

 private:
  static constexpr double kBurstMean = 16;
  static constexpr double kGapShare = 0.25;
  static constexpr double kPauseShare =
      kBurstMean - (kBurstMean - 1) * kGapShare;

  // In [0, 1), with 53 random bits.
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  uint64_t start_us_;
  double mean_gap_us_;
  double elapsed_us_ = 0;
  std::mt19937_64 random_;
};

}  // namespace logbench
