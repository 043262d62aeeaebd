// Checks every byte of a segment: that each part of each block has its
// checksum and can be decoded, that headers and footer say of the rows what
// the rows are, and that there is nothing between the structures.
//
// A reader checks what it needs; this checks what no query ever looks at, such
// as the block headers that the footer has copies of, and the name tables that
// say "absent". Pure reading, no locks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/gap.h"
#include "format/segment_reader.h"
#include "format/store_dir.h"
#include "format/unit_use.h"

namespace logfmt {

struct FileCheck {
  std::string name{};
  StoreFileKind kind = StoreFileKind::kSegment;
  // The numbers [first_seq, next_seq) are this file's.
  uint64_t first_seq = 0;
  uint64_t next_seq = 0;
  uint64_t entries = 0;  // that can be read
  bool closed = false;   // sealed, or ended by an end frame
  // Bytes that do not check behind the last that do, in a file that is not
  // closed: something half written, or damage. The file alone cannot tell.
  uint64_t tail_begin = 0;
  uint64_t tail_bytes = 0;
  std::vector<Gap> gaps{};  // empty: all is as it should be
};

// An error says nothing about the bytes: the file is gone (kNotFound), may not
// be read, or is too short for a header (kTruncated): perhaps it is being made.
Result<FileCheck> check_segment(const StoreDir& store, const StoreFile& file);

// The same for one block; what a footer says of it. Damage is an error whose
// detail is the cause.
struct BlockCheck {
  BlockNames names{};
  UnitUses uses{};
  uint64_t rows = 0;
};
Result<BlockCheck> check_block(int fd, const BlockRef& ref, uint64_t seed);

// Not damage but the reader's own trouble: no such file, no rights, no
// descriptors left.
bool is_readers_trouble(const Error& error);

}  // namespace logfmt
