// Takes up to 64 datagrams from a socket by one recvmmsg, whole, into the
// landing zone.
//
// Each has a slot of its own, lazily backed, because a datagram may be as long
// as its sender's buffer allows: root's can reach many megabytes, and a part
// that does not fit its slot is gone. Slots that held a large one give their
// pages back. What a worker that died had received and not committed is taken
// up by resume(). One thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "format/file.h"
#include "logd/identity/sender_cache.h"
#include "logd/zone/landing_zone.h"

namespace logd {

struct Datagram {
  std::string_view bytes{};
  // Without credentials, which a socket with SO_PASSCRED always has: nobody.
  Credentials sender{.pid = 0, .uid = kNobody, .gid = kNobody};
  uint64_t stamp_us = 0;   // the kernel's, at the time of send()
  bool truncated = false;  // longer than any entry may be
  bool excess_descriptors = false;
  std::span<logfmt::Fd> descriptors{};  // closed by release()
};

class DatagramBatch {
 public:
  static constexpr size_t kSlots = LandingZone::kDatagrams;

  explicit DatagramBatch(LandingZone& zone) : zone_(zone) {}

  // How many were received, 0 when none waits. Views live until the next call.
  logfmt::Result<size_t> receive(int fd, BatchKind kind);
  // The same for a batch that is open in the zone.
  size_t resume();
  Datagram& operator[](size_t index) { return datagrams_[index]; }
  // Gives back what the batch holds: descriptors, and the pages of large ones.
  // Of one that is over: nobody can take it up afterwards.
  void release();
  LandingZone& zone() { return zone_; }

 private:
  // One is all that an entry may bring. The kernel closes what finds no room,
  // so no sender can use up the daemon's descriptors.
  static constexpr size_t kDescriptorsMax = 2;
  static constexpr size_t kControlBytes =
      CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(ucred)) +
      CMSG_SPACE(kDescriptorsMax * sizeof(int));
  static_assert(kControlBytes <= LandingZone::kControlBytes);

  size_t take_received(size_t count);
  void take_control(size_t index);

  LandingZone& zone_;
  size_t received_ = 0;
  std::array<Datagram, kSlots> datagrams_{};
  std::array<std::array<logfmt::Fd, kDescriptorsMax>, kSlots> descriptors_{};
};

}  // namespace logd
