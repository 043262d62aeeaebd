// logq --vacuum-size, --vacuum-time, --vacuum-files: the oldest sealed segments
// go, or with -u the oldest entries of that unit in them. What is not sealed
// yet is not touched; --rotate seals it first.
#pragma once

#include <span>

#include "format/store_dir.h"
#include "query/environment.h"
#include "query/exit_status.h"
#include "query/options.h"

namespace logq {

logfmt::Result<ExitStatus> vacuum(const Options& options,
                                  std::span<const logfmt::StoreDir> stores,
                                  const Environment& environment);

}  // namespace logq
