// Every size limit of the system, with the relations between them.
//
// Anything that comes from outside (a socket, a file) is checked against one
// of these before it is used to allocate, index or loop.
#pragma once

#include <cstddef>
#include <cstdint>

namespace logfmt {

// Entries. Names follow journald's rule: 1-64 characters of [A-Z0-9_].
inline constexpr size_t kFieldNameBytesMax = 64;
inline constexpr size_t kFieldsPerEntryMax = 1024;
inline constexpr size_t kEntryBytesMax = 16 << 20;    // all client fields
inline constexpr size_t kContextBytesMax = 64 << 10;  // all trusted fields

// WAL.
inline constexpr size_t kWalBytes = 8 << 20;        // preallocated
inline constexpr size_t kWalEpochBytes = 64 << 10;  // contexts said anew
inline constexpr size_t kFrameRowsMax = 65536;
inline constexpr size_t kFrameBodyBytesMax = 32 << 20;
// A writer begins a new file at kWalBytes; the last frame may go beyond.
inline constexpr size_t kWalFileBytesMax =
    kWalBytes + kFrameBodyBytesMax + (64 << 10);

// Blocks and segments.
inline constexpr size_t kBlockRowsMax = 65536;
inline constexpr size_t kBlockBootsMax = 256;
inline constexpr size_t kBlockPayloadBytesTarget = 4 << 20;
inline constexpr size_t kFrameRawBytesMax = 64 << 20;  // one zstd frame
inline constexpr size_t kColumnsMax = 1 << 20;         // of a block's text
inline constexpr size_t kBlockHeaderBytesMax = 4096;
inline constexpr size_t kSummaryHashesMax = 64;
inline constexpr size_t kBlocksPerSegmentMax = 16;
inline constexpr size_t kFooterBytesMax = 64 << 20;

static_assert(kEntryBytesMax + kContextBytesMax < kFrameBodyBytesMax);
static_assert(kBlockPayloadBytesTarget + kEntryBytesMax < kFrameRawBytesMax);
static_assert(kSummaryHashesMax * 4 < kBlockHeaderBytesMax / 2);

}  // namespace logfmt
