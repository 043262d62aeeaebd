// Shows entries: once, or once and then as they come.
#pragma once

#include <span>

#include "format/store_dir.h"
#include "query/environment.h"
#include "query/exit_status.h"
#include "query/options.h"

namespace logq {

logfmt::Result<ExitStatus> show(const Options& options,
                                std::span<const logfmt::StoreDir> stores,
                                const Environment& environment);

// Opens the stores itself: one that does not exist yet is waited for. Ends on
// SIGINT, on SIGTERM and when nobody reads stdout any more.
logfmt::Result<ExitStatus> show_and_follow(const Options& options);

}  // namespace logq
