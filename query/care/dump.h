// logq dump FILE and --header: files of a store, explained to a person.
#pragma once

#include <span>

#include "format/store_dir.h"
#include "query/exit_status.h"
#include "query/options.h"

namespace logq {

// One file, whatever its name: what it says of itself, each block or the
// frames, the footer, damage. With a block's number, what is in that block.
logfmt::Result<ExitStatus> dump_file(const Options& options);

// The head of each file of the stores.
logfmt::Result<ExitStatus> print_file_headers(
    const Options& options, std::span<const logfmt::StoreDir> stores);

}  // namespace logq
