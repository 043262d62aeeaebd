// The matching rows of one block.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "format/block_reader.h"
#include "query/engine/matcher.h"
#include "query/engine/snapshot.h"

namespace logq {

// What is known of a block besides itself.
struct BlockScope {
  SeqRange range{};  // only these entries are asked for
  // No more matches than these will be asked for: the last ones of the block,
  // or the first.
  size_t matches_max = std::numeric_limits<size_t>::max();
  bool last_ones = false;
  // FieldMatcher::columns_decide(); false where it is not known.
  bool columns_decide = false;
};

// In order; the payloads are loaded if there is any. An error is damage: the
// block as a whole cannot be read.
logfmt::Result<std::vector<uint32_t>> matching_rows(logfmt::BlockReader& block,
                                                    const Matcher& matcher,
                                                    const BlockScope& scope);

}  // namespace logq
