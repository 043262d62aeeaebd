// logq --delete: what the filters select goes, without a trace in the files.
//
// The entries that match are noted by number, shown as a count, and exactly
// these are removed: what arrives while the user thinks stays, whether it
// matches or not. A running logd is asked to seal what it has; without one,
// this process becomes the writer for the time. Then each segment that holds
// a match is rewritten; when that returns, it is on the disk.
#pragma once

#include <span>

#include "format/store_dir.h"
#include "query/exit_status.h"
#include "query/options.h"

namespace logq {

logfmt::Result<ExitStatus> delete_entries(const Options& options,
                                          std::span<logfmt::StoreDir> stores,
                                          const Environment& environment);

}  // namespace logq
