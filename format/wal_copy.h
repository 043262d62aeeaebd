// Copies the end of a WAL that cannot be trusted any more into another file.
//
// After a failed fdatasync nobody knows what of the file is on the disk; the
// system may still have all of it in memory, and each frame says by its
// checksums whether it is what was written. Frames are copied as they are: they
// do not depend on the file that they are in.
#pragma once

#include <cstdint>

#include "format/wal_writer.h"

namespace logfmt {

struct WalCopy {
  WalWriter file;           // synced; not yet in place
  uint64_t lost_bytes = 0;  // of frames that could not be read back
};

// Everything of `failed` from the epoch on that entry `durable_seq` is in. The
// copy's identity is that of `failed`, but for the number it begins with.
Result<WalCopy> copy_wal_end(int dir_fd, const WalWriter& failed,
                             uint64_t durable_seq);

}  // namespace logfmt
