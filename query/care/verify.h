// logq --verify: whether every byte of a store is what it should be.
#pragma once

#include <span>

#include "format/store_dir.h"
#include "query/exit_status.h"

namespace logq {

// A line for each file on stdout, one for each damage on stderr.
logfmt::Result<ExitStatus> verify_stores(
    std::span<const logfmt::StoreDir> stores);

}  // namespace logq
