// OBJECT_PID: root says which process an entry is about, and the daemon adds
// what it knows of that process (journald's OBJECT_* fields).
#pragma once

#include <array>
#include <string>

#include "logd/intake/message.h"

namespace logd {

class ObjectFields {
 public:
  // Adds OBJECT_UID, _GID, _COMM, _EXE, _CMDLINE, ... to a message that has a
  // valid OBJECT_PID. The message's views point into this object until the
  // next call.
  void add_to(Message& message);

 private:
  std::array<std::string, 8> values_;
};

}  // namespace logd
