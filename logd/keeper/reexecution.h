// How the keeper executes the program anew, after an upgrade for example,
// with all that it holds: the landing zone and what is noted in it.
//
// The descriptors keep their numbers, and the environment names the zone's. A
// program whose zone looks different begins a new one: a restart like any
// other. Made before the program changes directory or environment.
#pragma once

#include <string>
#include <vector>

#include "format/result.h"
#include "logd/keeper/descriptor_store.h"
#include "logd/zone/landing_zone.h"

namespace logd {

class Reexecution {
 public:
  Reexecution(int argc, char** argv);

  // This is the program that was executed.
  bool happened() const { return zone_fd_ >= 0; }
  // Of it: the zone that was left, or a new one.
  logfmt::Result<TakenZone> take_zone(size_t line_bytes_max);
  // Returns only with what went wrong; everything is then as it was.
  logfmt::Error execute(LandingZone& zone) const;

 private:
  std::string program_;
  std::string directory_;
  std::string notify_socket_;
  std::vector<std::string> arguments_;
  int zone_fd_ = -1;
};

}  // namespace logd
