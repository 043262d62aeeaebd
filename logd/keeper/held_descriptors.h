// The descriptors that a new worker finds open.
//
// Keeper and worker share one table of descriptors, so whatever a worker has
// opened is still open when it dies: the sockets, its streams, what a datagram
// brought along, and things that nobody needs any more. Which is which, the
// landing zone tells; a stream that was accepted and not yet noted is known by
// its address. The rest is closed.
#pragma once

#include <span>
#include <vector>

#include "format/file.h"
#include "logd/zone/landing_zone.h"

namespace logd {

// Closes what neither the zone knows nor `kept` names; standard input, output
// and error stay. The answer: connections to the listening sockets of the zone
// that are in no table. Before the worker opens anything.
std::vector<logfmt::Fd> close_strays(LandingZone& zone,
                                     std::span<const int> kept);

// All but standard input, output and error.
std::vector<int> open_descriptors();

// Descriptors that the zone knows: its own, lock, sockets, streams, and what
// an open batch has brought along.
std::vector<int> held_descriptors(LandingZone& zone);

}  // namespace logd
