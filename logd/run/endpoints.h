// Where the log daemon listens, as seen by its clients.
//
// Chosen once, when logrun starts: LOGD_RUNTIME_DIR where it is set;
// otherwise the first place whose stream socket exists, of the user's own
// logd ($XDG_RUNTIME_DIR/logd, not for root), the system's (/run/logd) and
// journald; where none exists, the first of them, which is then waited for.
// A daemon that is only being restarted is therefore never left for another.
#pragma once

#include <string>

#include "format/result.h"

namespace logrun {

struct Endpoints {
  std::string stream{};  // path of the stream socket
  std::string native{};  // path of the datagram socket for events
  bool is_journald = false;
};

logfmt::Result<Endpoints> find_endpoints();

}  // namespace logrun
