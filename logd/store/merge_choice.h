// Which sealed segments are worth making into one.
//
// A quiet machine seals a small segment each day and with each restart; each
// costs a file, a footer and blocks that compress less than full ones. A pure
// decision: neighbours with no number missing between them, whose blocks and
// bytes fit into one segment. To rewrite nothing more often than its size
// doubles, they are at least kMergedFilesMin, and the largest makes up no more
// than half of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "format/store_dir.h"

namespace logd {

inline constexpr size_t kMergedFilesMin = 4;

// What is known of a segment without reading its blocks.
struct SegmentFacts {
  logfmt::StoreFile file{};
  uint64_t next_seq = 0;
  size_t blocks = 0;
  uint32_t level = 0;  // of its header; 0 if it was never rewritten
  bool whole = false;  // sealed and without damage
};

// The first such run from the oldest segment on; empty where there is none.
std::span<const SegmentFacts> choose_merge(
    std::span<const SegmentFacts> segments, uint64_t segment_bytes_max);

}  // namespace logd
