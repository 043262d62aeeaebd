// Which rows of a block may match a text filter, without looking at each one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "format/block_reader.h"
#include "format/segment_reader.h"
#include "query/engine/text_matcher.h"

namespace logq {

// Reads a block, unless its strings part alone tells that no text matches.
logfmt::Result<std::optional<logfmt::BlockReader>> read_if_candidate(
    const logfmt::SegmentReader& segment, size_t index,
    const TextMatcher& text);

// Keeps those of `rows` whose payload may match. It may keep rows that do not;
// it never loses one that does. Loads the block's text, and more of it only if
// that does not decide. An error is damage to the block.
logfmt::Status keep_candidates(logfmt::BlockReader& block,
                               const TextMatcher& text,
                               std::vector<uint32_t>& rows);

}  // namespace logq
