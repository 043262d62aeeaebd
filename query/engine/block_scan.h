// The matching rows of one block.
#pragma once

#include <cstdint>
#include <vector>

#include "format/block_reader.h"
#include "query/engine/matcher.h"

namespace logq {

// In order; the payloads are loaded if there is any. An error is damage: the
// block as a whole cannot be read.
logfmt::Result<std::vector<uint32_t>> matching_rows(logfmt::BlockReader& block,
                                                    const Matcher& matcher);

}  // namespace logq
