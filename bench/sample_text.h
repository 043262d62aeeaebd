// Log lines as services write them, made up from a seed.
//
// The same seed gives the same lines on every machine. About 100 bytes each:
// some fixed words, some numbers that repeat, some that never do. They stand
// in for a real corpus where none is given; figures of compression taken with
// them say nothing about real logs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace logbench {

struct SampleLine {
  std::string_view identifier{};  // static
  int priority = 6;               // 2 to 6
  std::string text{};
};

class SampleText {
 public:
  explicit SampleText(uint64_t seed) : random_(seed) {}

  // Overwrites `line`, whose memory is used again.
  void next(SampleLine& line);

 private:
  uint64_t below(uint64_t bound) { return random_() % bound; }

  std::mt19937_64 random_;
};

}  // namespace logbench
