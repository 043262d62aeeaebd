// logq --flush, --sync, --rotate and --vacuum-*: in this order, as journalctl
// does them.
#pragma once

#include "query/environment.h"
#include "query/exit_status.h"
#include "query/options.h"

namespace logq {

logfmt::Result<ExitStatus> maintain(const Options& options,
                                    const Environment& environment);

}  // namespace logq
