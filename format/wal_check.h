// Checks every byte of a WAL: each frame by its checksums, each row decoded,
// zeros between the frames, nothing behind an end frame.
#pragma once

#include "format/segment_check.h"
#include "format/wal_reader.h"

namespace logfmt {

// `wal` is fresh from open(). A tail that does not check is told, not judged:
// a live writer may be writing it.
Result<FileCheck> check_wal(WalReader& wal, const StoreFile& file);

}  // namespace logfmt
