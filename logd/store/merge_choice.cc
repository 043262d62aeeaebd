#include "logd/store/merge_choice.h"

#include <algorithm>

#include "format/limits.h"

namespace logd {
namespace {

// How many segments from the first on may be made into one.
size_t fitting(std::span<const SegmentFacts> segments,
               uint64_t segment_bytes_max) {
  uint64_t bytes = 0;
  size_t blocks = 0;
  for (size_t i = 0; i < segments.size(); ++i) {
    const SegmentFacts& segment = segments[i];
    bytes += segment.file.identity.bytes;
    blocks += segment.blocks;
    if (!segment.whole || bytes > segment_bytes_max ||
        blocks > logfmt::kBlocksPerSegmentMax ||
        (i > 0 && segments[i - 1].next_seq != segment.file.first_seq)) {
      return i;
    }
  }
  return segments.size();
}

bool is_worth_it(std::span<const SegmentFacts> segments) {
  uint64_t bytes = 0;
  uint64_t largest = 0;
  for (const SegmentFacts& segment : segments) {
    bytes += segment.file.identity.bytes;
    largest = std::max(largest, segment.file.identity.bytes);
  }
  return segments.size() >= kMergedFilesMin && largest <= bytes / 2;
}

}  // namespace

std::span<const SegmentFacts> choose_merge(
    std::span<const SegmentFacts> segments, uint64_t segment_bytes_max) {
  for (size_t first = 0; first < segments.size(); ++first) {
    const auto rest = segments.subspan(first);
    const auto run = rest.first(fitting(rest, segment_bytes_max));
    if (is_worth_it(run)) return run;
  }
  return {};
}

}  // namespace logd
