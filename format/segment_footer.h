// The footer of a sealed segment: copies of the block headers, the names that
// occur, and who takes how much of it. All of it can be made anew from the
// blocks; it is a cache that lets a reader open a segment by two reads.
//
//   footer  := section*                     section := u8 tag, u32 length,
//   bytes trailer := u64 footer offset, u32 footer length, u32 version,
//              u64 footer checksum, u64 trailer checksum, 8 bytes of magic
//
// Sections with unknown tags are passed over.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "format/block_builder.h"
#include "format/block_header.h"
#include "format/result.h"
#include "format/unit_use.h"

namespace logfmt {

// A name, and in which of the segment's blocks (bit n: block n) it occurs.
using NameTable = std::map<std::string, uint16_t, std::less<>>;

struct BlockRef {
  uint64_t offset = 0;  // in the file
  BlockHeader header{};
};

struct SegmentFooter {
  std::vector<BlockRef> blocks{};
  NameTable units{};
  NameTable identifiers{};
  NameTable fields{};
  UnitUses uses{};

  void add(uint64_t offset, const BlockHeader& header, const BlockNames& names,
           const UnitUses& block_uses = {});
  // Whether `uses` covers all blocks.
  bool knows_uses() const;
  // Footer and trailer, for a file that is `offset` bytes long so far.
  std::string encode(uint64_t offset, uint64_t seed) const;
};

struct Trailer {
  uint64_t footer_offset = 0;
  uint32_t footer_bytes = 0;
  uint64_t footer_checksum = 0;
};

Result<Trailer> decode_trailer(std::string_view bytes, uint64_t seed);
// `bytes` has passed the trailer's checksum.
Result<SegmentFooter> decode_footer(std::string_view bytes, uint64_t seed);

}  // namespace logfmt
