// Finds how many lines of a block begin alike, whatever comes behind.
//
// Programs put a date, a level or a counter in front of everything they say.
// Split by template, each template would keep those of its own; kept together,
// in the order of the lines, they hardly cost anything. A head is a beginning
// of patterns up to and including one of their slots; the variables in it form
// columns that all lines with that head share.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "format/columns/template_miner.h"

namespace logfmt {

inline constexpr uint32_t kNoHead = UINT32_MAX;
inline constexpr size_t kHeadsMax = 16;
inline constexpr size_t kHeadSlotsMax = 8;

struct Heads {
  std::vector<uint32_t> slots{};       // by head
  std::vector<uint32_t> of_pattern{};  // a head or kNoHead
};

Heads find_heads(const std::deque<TemplateMiner::Pattern>& patterns);

}  // namespace logfmt
