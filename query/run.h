// One run of logq, from understood options to the exit status.
//
// What was asked for goes to stdout; errors, gaps and notes go to stderr, a
// line each.
#pragma once

#include "query/environment.h"
#include "query/exit_status.h"
#include "query/options.h"

namespace logq {

logfmt::Result<ExitStatus> run(Options options, const Environment& environment);

}  // namespace logq
