// Magic numbers, versions and fixed sizes; mirrors docs/segment_format.md,
// which is authoritative.
//
// Compatible flags may be unknown to a reader (it reads on, a writer refuses);
// an unknown incompatible flag means: do not touch this file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace logfmt {

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr uint32_t kKnownCompatibleFlags = 0;
inline constexpr uint32_t kKnownIncompatibleFlags = 0;

using FileMagic = std::array<char, 8>;
inline constexpr FileMagic kWalMagic{'L', 'O', 'G', 'D', 'W', 'A', 'L', '1'};
inline constexpr FileMagic kSegmentMagic{'L', 'O', 'G', 'D',
                                         'S', 'E', 'G', '1'};
inline constexpr FileMagic kTrailerMagic{'L', 'O', 'G', 'D',
                                         'E', 'N', 'D', '1'};

inline constexpr uint32_t kFrameMagic = 0x31514C46;  // "FLQ1"
inline constexpr uint32_t kBlockMagic = 0x31514C42;  // "BLQ1"

inline constexpr size_t kFileHeaderBytes = 80;  // WAL and segment alike
inline constexpr size_t kFrameHeaderBytes = 80;
inline constexpr size_t kBlockFixedBytes = 168;  // header without summaries
inline constexpr size_t kTrailerBytes = 40;
// Frames and blocks start at multiples of this, so that a reader that lost
// its way finds the next one by looking at aligned places only.
inline constexpr size_t kAlignment = 8;

constexpr uint64_t aligned(uint64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

static_assert(kFileHeaderBytes % kAlignment == 0);
static_assert(kFrameHeaderBytes % kAlignment == 0);

// How a block's payloads are kept; the number is on disk.
enum class BlockCodec : uint8_t {
  kTemplates = 1,
};

}  // namespace logfmt
