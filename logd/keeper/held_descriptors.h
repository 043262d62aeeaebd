// The descriptors that a new worker finds open.
//
// Keeper and worker share one table of descriptors, so whatever a worker has
// opened is still open when it dies: the sockets, its streams, what a datagram
// brought along, and things that nobody needs any more. Which is which, the
// landing zone tells; a stream that was accepted and not yet noted is known by
// its address. The rest is closed.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "format/file.h"
#include "logd/zone/landing_zone.h"

namespace logd {

// What the zone does not know, and is of use.
struct Strays {
  // To the listening sockets of the zone.
  std::vector<logfmt::Fd> connections{};
  // Sockets by the paths that they were bound to: where not all are bound, or
  // other ones may be wanted, all are.
  std::map<std::string, logfmt::Fd> bound{};
};

// Closes what is of no use and neither the zone knows nor `kept` names;
// standard input, output and error stay. Before the worker opens anything.
Strays close_strays(LandingZone& zone, std::span<const int> kept);

// As many as the system lets us have: every stream is one.
void raise_descriptor_limit();

// All but standard input, output and error.
std::vector<int> open_descriptors();

// Descriptors that the zone knows: its own, lock, sockets, streams, and what
// an open batch has brought along.
std::vector<int> held_descriptors(LandingZone& zone);

// Empty for what is no socket with a path. Both ends of a connection have the
// listener's.
std::string socket_path(int fd);

}  // namespace logd
