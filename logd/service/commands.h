// What can be asked of a running daemon, each with its completion: the call
// returns when it is done. Called by the service's thread; none of it holds up
// the intake.
#pragma once

#include <cstdint>
#include <string>

#include "format/result.h"

namespace logd {

class Commands {
 public:
  virtual ~Commands() = default;

  // All that the sockets held when this was called is stored and on the disk.
  virtual logfmt::Status sync() = 0;
  // All that was stored is on the disk.
  virtual logfmt::Status flush() = 0;
  // All that was stored is in sealed segments; there is no WAL any more.
  virtual logfmt::Status rotate() = 0;
  // A JSON object.
  virtual logfmt::Result<std::string> status() = 0;
};

}  // namespace logd
