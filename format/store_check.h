// Checks a whole store: every byte of every file, and that the numbers go on
// from each file to the next.
//
// Works beside a live writer: what is still being written is not damage, and
// what was removed or replaced while the check ran is looked for again. Takes
// no lock. Segments are checked by two threads.
#pragma once

#include <optional>
#include <vector>

#include "format/segment_check.h"

namespace logfmt {

struct StoreCheck {
  // In order of sequence. A file's gaps include what is missing behind it.
  std::vector<FileCheck> files{};
  // Files that were set aside earlier; nobody reads them.
  std::vector<StoreFile> set_aside{};
};

// kIo where files vanish faster than they can be listed.
Result<StoreCheck> check_store(const StoreDir& store);

// The content of STORE to the byte; nothing if it is as it should be.
std::optional<Gap> check_identity(const StoreDir& store);

}  // namespace logfmt
