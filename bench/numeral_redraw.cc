#include "bench/numeral_redraw.h"

#include <algorithm>

namespace logbench {
namespace {

constexpr size_t kDigitsMin = 2;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

NumeralRedraw::NumeralRedraw(uint64_t seed) : random_(seed) {
  for (size_t digits = kDigitsMin; digits <= kPooledDigitsMax; ++digits) {
    for (std::string& number : pools_[digits]) {
      number.resize(digits);
      draw(number);
    }
  }
}

void NumeralRedraw::apply(std::span<char> text) {
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), is_digit);
    at = std::find_if_not(begin, text.end(), is_digit);
    if (static_cast<size_t>(at - begin) >= kDigitsMin) redraw({begin, at});
  }
}

void NumeralRedraw::redraw(std::span<char> digits) {
  const uint64_t choice = random_();
  if (choice % 2 == 0) return;
  if (choice % 4 == 1 || digits.size() > kPooledDigitsMax) {
    return draw(digits);
  }
  // The square makes the first numbers of the pool the likelier ones.
  const uint64_t share = choice >> 32;
  const size_t index = (share * share >> 32) * kPoolSize >> 32;
  std::ranges::copy(pools_[digits.size()][index], digits.begin());
}

// A number without leading zeros.
void NumeralRedraw::draw(std::span<char> digits) {
  uint64_t bits = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i % 16 == 0) bits = random_();
    const uint64_t base = i == 0 ? 9 : 10;
    digits[i] = static_cast<char>('0' + (i == 0 ? 1 : 0) + bits % base);
    bits /= base;
  }
}

}  // namespace logbench
