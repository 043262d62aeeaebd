// What a column of numbers will cost once zstd has compressed its planes.
#pragma once

#include <cstdint>
#include <span>

namespace logfmt {

// In bits: the entropy of each plane's bytes, and what it takes to tell which
// bytes there are. Sequences that repeat cost less than this says.
double plane_cost_bits(std::span<const uint64_t> values);

}  // namespace logfmt
