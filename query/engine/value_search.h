// Goes through a store for what occurs in it: the footers first, then only
// those blocks of which a footer does not tell everything, and the WALs.
//
// Blocks are read ahead in threads (read_ahead.h), one file at a time, and
// what is found in them is joined in order.
#pragma once

#include <functional>

#include "format/entry.h"
#include "format/segment_reader.h"
#include "format/store_dir.h"
#include "query/engine/block_pruning.h"
#include "query/engine/field_values.h"

namespace logq {

struct ValueSearch {
  // Adds what the segment's footer and headers tell, and gives the blocks that
  // have to be read for the rest.
  std::function<BlockMask(const logfmt::SegmentReader&, DistinctValues&)>
      from_segment{};
  // Adds what is in one block. Called by several threads, each with values of
  // its own. An error is damage to the block.
  std::function<logfmt::Status(const logfmt::SegmentReader&, size_t block,
                               DistinctValues&)>
      from_block{};
  std::function<void(const logfmt::EntryView&, DistinctValues&)> from_entry{};

  logfmt::Status run(const logfmt::StoreDir& store, DistinctValues& out) const;
};

}  // namespace logq
