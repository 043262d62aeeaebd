// logq --repair: what was done to which file, a line each.
#pragma once

#include <string>
#include <vector>

#include "format/result.h"
#include "query/exit_status.h"

namespace logq {

// Opens the stores itself: STORE may be what is lost.
logfmt::Result<ExitStatus> repair_stores(
    const std::vector<std::string>& directories);

}  // namespace logq
