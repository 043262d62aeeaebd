#include "format/columns/number_cost.h"

#include <array>
#include <cmath>

#include "format/planes.h"

namespace logfmt {
namespace {

// A byte that a plane has not shown before costs about this much more.
constexpr double kNewByteBits = 6;

double entropy_bits(const std::array<uint32_t, 256>& counts, size_t total) {
  double sum = 0;
  double distinct = 0;
  for (const uint32_t count : counts) {
    if (count == 0) continue;
    ++distinct;
    sum += count * std::log2(static_cast<double>(count));
  }
  if (distinct == 1) return kNewByteBits;
  const auto n = static_cast<double>(total);
  return n * std::log2(n) - sum + distinct * kNewByteBits;
}

}  // namespace

double plane_cost_bits(std::span<const uint64_t> values) {
  const unsigned planes = planes_needed(values);
  double bits = 0;
  for (unsigned plane = 0; plane < planes; ++plane) {
    std::array<uint32_t, 256> counts{};
    for (const uint64_t value : values) {
      ++counts[static_cast<uint8_t>(value >> (8 * plane))];
    }
    bits += entropy_bits(counts, values.size());
  }
  return bits;
}

}  // namespace logfmt
