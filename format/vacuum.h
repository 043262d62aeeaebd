// Removing whole segments, the oldest first.
//
// choose functions are decisions over a listing of StoreDir::list(), segments
// first; what they choose is always the oldest part of the store, without the
// newest segment, which may be in use by a writer. All files count, also
// those that are never chosen.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "format/result.h"
#include "format/store_dir.h"

namespace logfmt {

// So many that all files together take no more than this on the disk.
std::vector<StoreFile> choose_beyond_bytes(std::span<const StoreFile> files,
                                           uint64_t bytes_max);
// So many that no more than this number of files is left.
std::vector<StoreFile> choose_beyond_count(std::span<const StoreFile> files,
                                           size_t files_max);
// Those whose newest entry is older than that, up to the first that is not;
// unreadable ones are passed over.
std::vector<StoreFile> choose_older(const StoreDir& store,
                                    std::span<const StoreFile> files,
                                    uint64_t oldest_us);

// Removes them under StoreDir::lock_files() and answers which. One that is
// not the listed file any more was rewritten: it is left, and so are those
// behind it, for what was chosen may fit by now.
Result<std::vector<StoreFile>> remove_segments(
    const StoreDir& store, std::span<const StoreFile> chosen);

}  // namespace logfmt
