// Makes a line differ from the one it was made from as the next day's line of
// the same program does: same words, other numbers.
//
// Each run of two or more digits stays with probability 1/2, becomes one of 64
// numbers of its length, some much likelier than others, with 1/4, and any
// number of its length with 1/4. The length of the text does not change. The
// same for the same seed.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace logbench {

class NumeralRedraw {
 public:
  explicit NumeralRedraw(uint64_t seed);

  void apply(std::span<char> text);

 private:
  static constexpr size_t kPoolSize = 64;
  static constexpr size_t kPooledDigitsMax = 18;

  void redraw(std::span<char> digits);
  void draw(std::span<char> digits);

  std::mt19937_64 random_;
  std::array<std::array<std::string, kPoolSize>, kPooledDigitsMax + 1> pools_;
};

}  // namespace logbench
