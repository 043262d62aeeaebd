// logd's command line.
#pragma once

#include <string>

#include "format/result.h"
#include "logd/intake/sockets.h"
#include "logd/paths.h"

namespace logd {

struct Options {
  PathOptions paths{};
  Takeover takeover = Takeover::kAuto;
  bool check_config = false;
  bool daemonize = false;
  std::string pidfile{};
  int ready_fd = -1;
  // Set for --help and --version: print this and end with status 0.
  std::string print{};
};

// The error is for stderr; the exit status is then 2.
logfmt::Result<Options> parse_options(int argc, const char* const* argv);

}  // namespace logd
