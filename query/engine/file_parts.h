// What a scan reads of one file of a snapshot: its blocks that may hold a
// match, its gaps, or all of it as one part if it is a WAL; in order of place.
//
// Opens the file, and keeps a segment open. Does not change once made: threads
// may share it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "format/gap.h"
#include "format/segment_reader.h"
#include "query/engine/block_scan.h"
#include "query/engine/matcher.h"
#include "query/engine/snapshot.h"

namespace logq {

struct Part {
  enum class Kind { kBlock, kWal, kGap } kind;
  uint64_t offset = 0;
  size_t index = 0;  // of the block in the segment, or of the gap
  BlockScope scope{};
};

class FileParts {
 public:
  FileParts(const Snapshot& snapshot, size_t file, const Matcher& matcher);

  size_t file() const { return file_; }
  size_t size() const { return parts_.size(); }
  const Part& operator[](size_t i) const { return parts_[i]; }
  const logfmt::Gap& gap(const Part& part) const { return gaps_[part.index]; }
  // There is one where a part is a block.
  const logfmt::SegmentReader& segment() const { return *segment_; }

 private:
  void open_segment(const Snapshot& snapshot, const Matcher& matcher);
  void add_blocks(const Matcher& matcher, const SeqRange& range);
  void add_gap(logfmt::Gap gap);

  size_t file_;
  std::vector<Part> parts_;
  std::vector<logfmt::Gap> gaps_;
  std::optional<logfmt::SegmentReader> segment_;
};

}  // namespace logq
