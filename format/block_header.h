// The header of a block: enough to know whether a query can skip it.
//
// It has its own checksum and is copied into the segment's footer.
// docs/segment_format.md, "Block header", is authoritative.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/compression.h"
#include "format/id128.h"
#include "format/layout.h"
#include "format/result.h"

namespace logfmt {

// The three parts of a block, in the order in which they are stored.
enum class BlockPart : uint8_t { kMeta = 0, kStrings = 1, kNumbers = 2 };
inline constexpr size_t kBlockParts = 3;

struct PartHeader {
  uint64_t checksum = 0;  // of the stored bytes
  uint32_t stored_bytes = 0;
  uint32_t raw_bytes = 0;
  Compression compression = Compression::kNone;
};

// Sorted hashes of the names that occur; `any` when there are too many.
struct NameSummary {
  bool any = false;
  std::vector<uint32_t> hashes{};

  bool may_contain(uint32_t hash) const;
};

struct BlockHeader {
  BlockCodec codec = BlockCodec::kTemplates;
  uint64_t first_seq = 0;
  uint64_t last_seq = 0;
  uint64_t min_realtime_us = 0;
  uint64_t max_realtime_us = 0;
  Id128 boot{};                // of the first row
  bool several_boots = false;  // there are rows of other boots too
  uint64_t payload_bytes = 0;
  uint32_t rows = 0;
  uint16_t priority_mask = 0;  // bit 8: entries without priority
  NameSummary units{};
  NameSummary identifiers{};
  std::array<PartHeader, kBlockParts> parts{};

  size_t header_bytes() const;
  uint64_t part_offset(BlockPart part) const;  // from the block's start
  uint64_t block_bytes() const;                // with padding
  std::string encode(uint64_t seed) const;
};

// `bytes` begins with the block and may be longer than the header.
Result<BlockHeader> decode_block_header(std::string_view bytes, uint64_t seed);

}  // namespace logfmt
