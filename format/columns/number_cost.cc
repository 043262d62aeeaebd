#include "format/columns/number_cost.h"

#include <array>
#include <cmath>
#include <utility>

#include "format/planes.h"

namespace logfmt {
namespace {

// A byte that a plane has not shown before costs about this much more.
constexpr double kNewByteBits = 6;

// n * log2(n); most bytes of a plane are rare.
double weighted_log2(uint32_t n) {
  static const auto kSmall = [] {
    std::array<double, 512> table{};
    for (size_t i = 1; i < table.size(); ++i) {
      const auto value = static_cast<double>(i);
      table[i] = value * std::log2(value);
    }
    return table;
  }();
  if (n < kSmall.size()) return kSmall[n];
  return n * std::log2(static_cast<double>(n));
}

// The entropy of one plane, and what its distinct bytes cost.
double plane_bits(std::span<const uint64_t> values, unsigned shift) {
  const auto byte_of = [&](size_t i) {
    return static_cast<uint8_t>(values[i] >> shift);
  };
  std::array<uint32_t, 256> counts{};
  for (size_t i = 0; i < values.size(); ++i) ++counts[byte_of(i)];
  double sum = 0;
  double distinct = 0;
  const auto take = [&](uint32_t& count) {
    if (count == 0) return;
    ++distinct;
    sum += weighted_log2(std::exchange(count, 0));
  };
  if (values.size() < counts.size()) {
    for (size_t i = 0; i < values.size(); ++i) take(counts[byte_of(i)]);
  } else {
    for (uint32_t& count : counts) take(count);
  }
  if (distinct == 1) return kNewByteBits;
  return weighted_log2(static_cast<uint32_t>(values.size())) - sum +
         distinct * kNewByteBits;
}

}  // namespace

double plane_cost_bits(std::span<const uint64_t> values) {
  const unsigned planes = planes_needed(values);
  double bits = 0;
  for (unsigned plane = 0; plane < planes; ++plane) {
    bits += plane_bits(values, 8 * plane);
  }
  return bits;
}

}  // namespace logfmt
