#include "query/engine/file_parts.h"

#include <algorithm>

namespace logq {

using logfmt::Gap;
using logfmt::StoreFileKind;

FileParts::FileParts(const Snapshot& snapshot, size_t file,
                     const Matcher& matcher)
    : file_(file) {
  const SnapshotFile& listed = snapshot.files()[file];
  const uint64_t end_seq =
      std::max(listed.range.end, snapshot.next_file_seq(file));
  if (end_seq <= matcher.after_seq() + 1) return;
  if (listed.gap) {
    add_gap(*listed.gap);
  } else if (listed.kind == StoreFileKind::kWal) {
    parts_.push_back({.kind = Part::Kind::kWal});
  } else {
    open_segment(snapshot, matcher);
  }
}

void FileParts::open_segment(const Snapshot& snapshot, const Matcher& matcher) {
  const SnapshotFile& listed = snapshot.files()[file_];
  auto segment = snapshot.open_segment(file_);
  if (!segment) {
    if (segment.error().code == logfmt::ErrorCode::kNotFound) return;
    add_gap(snapshot.file_gap(listed.name, listed.range.begin,
                              segment.error().message()));
    return;
  }
  segment_.emplace(std::move(*segment));
  add_blocks(matcher, listed.range);
  for (const Gap& gap : segment_->gaps()) add_gap(gap);
  if (auto hole = snapshot.hole_behind(file_, *segment_)) {
    add_gap(std::move(*hole));
  }
  std::sort(parts_.begin(), parts_.end(),
            [](const Part& a, const Part& b) { return a.offset < b.offset; });
}

void FileParts::add_blocks(const Matcher& matcher, const SeqRange& range) {
  const auto& blocks = segment_->blocks();
  const logfmt::SegmentFooter& footer = segment_->footer();
  const bool sealed = segment_->sealed();
  const BlockMask wanted = sealed ? matcher.wanted_blocks(footer) : kAllBlocks;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const auto& header = blocks[i].header;
    // A block that was added after the snapshot: its entries are in a WAL.
    if (header.first_seq >= range.end) break;
    if (header.last_seq < range.begin || (wanted >> i & 1) == 0 ||
        !matcher.wants_block(header)) {
      continue;
    }
    const bool columns =
        sealed && matcher.fields().columns_decide(footer.fields, i);
    parts_.push_back({.kind = Part::Kind::kBlock,
                      .offset = blocks[i].offset,
                      .index = i,
                      .scope = {.range = range, .columns_decide = columns}});
  }
}

void FileParts::add_gap(Gap gap) {
  parts_.push_back(
      {.kind = Part::Kind::kGap, .offset = gap.begin, .index = gaps_.size()});
  gaps_.push_back(std::move(gap));
}

}  // namespace logq
