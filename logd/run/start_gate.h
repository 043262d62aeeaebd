// Goes into the background and lets the caller know how starting went.
//
// detach() is the classic double fork: the daemon is in a session of its
// own, leads none, and reads from /dev/null. The process that was called
// stays until the daemon calls open(), so that "logrun -d" returns 0 only
// when the command is running. Until then the daemon keeps the terminal for
// its messages. Without detach(), open() does nothing.
#pragma once

#include <optional>

#include "format/file.h"
#include "format/result.h"

namespace logrun {

class StartGate {
 public:
  // In the calling process: the status to exit with at once. In the daemon:
  // nothing. Call it before anything else holds resources.
  logfmt::Result<std::optional<int>> detach();

  // Lets the calling process exit, and gives up its terminal.
  void open(int exit_status);

 private:
  logfmt::Fd report_{};
};

}  // namespace logrun
