// Which blocks cannot hold a match, told by the names that occur in them.
//
// The footer of a sealed segment lists all units, identifiers and field names
// with the blocks in which they are; a block's own header has only hashes of
// the first two. Both may let a block pass that holds no match, never the other
// way round. Immutable: threads may share it.
#pragma once

#include <cstdint>
#include <vector>

#include "format/block_header.h"
#include "format/limits.h"
#include "format/segment_footer.h"
#include "query/engine/name_filter.h"
#include "query/engine/query.h"

namespace logq {

// Bit n: block n of a segment.
using BlockMask = uint16_t;
inline constexpr BlockMask kAllBlocks = 0xFFFF;
static_assert(logfmt::kBlocksPerSegmentMax <= 16);

class BlockPruning {
 public:
  explicit BlockPruning(const Query& query);

  bool may_match(const logfmt::BlockHeader& header) const;
  BlockMask blocks_that_may_match(const logfmt::SegmentFooter& footer) const;

 private:
  NameFilter units_;
  NameFilter identifiers_;
  std::vector<FieldGroup> groups_;
  // Hashes that a block's summary needs one of; empty where any block may do.
  std::vector<uint32_t> unit_hashes_;
  std::vector<uint32_t> unit_identifier_hashes_;
  std::vector<uint32_t> identifier_hashes_;
};

}  // namespace logq
