// The first 80 bytes of a WAL and of a segment.
//
// All entries with numbers in [first_seq, end_seq) belong to a segment that
// was rewritten; those that are not in it were removed on purpose.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/id128.h"
#include "format/layout.h"
#include "format/result.h"

namespace logfmt {

struct FileHeader {
  FileMagic magic{};
  uint32_t compatible_flags = 0;
  uint32_t incompatible_flags = 0;
  uint32_t level = 0;  // of a rewritten segment: its zstd level
  Id128 store{};
  Id128 boot{};            // of all entries of a WAL; segments have none
  uint64_t end_seq = 0;    // of a rewritten segment; 0: its last entry's + 1
  uint64_t first_seq = 0;  // of the first entry that the file may hold
  uint64_t created_us = 0;

  std::string encode() const;
};

// Checks magic, version, flags, checksum and that the file is of this store.
Result<FileHeader> decode_file_header(std::string_view bytes,
                                      const FileMagic& magic,
                                      const Id128& store);

}  // namespace logfmt
