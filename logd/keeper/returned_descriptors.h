// What the service manager gives back at a start: descriptors that a keeper
// before this one had stored (descriptor_store.h, sd_listen_fds(3)).
//
// Nothing of it is believed. A name says only which number a descriptor wants;
// the zone has to be one, and a socket or stream has to be what the zone says
// that it is. Of a stream that did not come back, the worker stores what its
// unfinished line holds. What nobody knows is closed, and the manager is told.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "format/result.h"
#include "logd/keeper/descriptor_store.h"
#include "logd/zone/landing_zone.h"

namespace logd {

struct Placement {
  int fd = -1;      // where it is,
  int number = -1;  // and where it shall be
};

// Moves all to their numbers, in whatever way they stand in each other's.
// Returns the numbers that are right now, in order; the others are closed:
// those that want a number twice, or one that something else has.
std::vector<int> place_descriptors(std::vector<Placement> all);

class ReturnedDescriptors {
 public:
  // Takes LISTEN_PID and so on out of the environment, and the descriptors, if
  // they are for this process. Before anything is opened.
  static ReturnedDescriptors from_environment();

  // The zone that was returned, and what belongs to it; or a new one.
  logfmt::Result<TakenZone> take_zone(size_t line_bytes_max);

 private:
  std::set<int> stored_{};      // numbers that the manager has
  std::vector<int> numbers_{};  // those that are open, in order
  std::vector<std::string> notes_{};
};

// Makes a zone whose keeper is dead fit for another one, that has these
// descriptors. False where it makes no sense.
bool revive(LandingZone& zone, std::span<const int> numbers);

}  // namespace logd
