// Takes up to 64 datagrams from a socket by one recvmmsg, whole.
//
// Each has a slot of its own in one large, lazily backed region, because a
// datagram may be as long as its sender's buffer allows: root's can reach many
// megabytes, and a part that does not fit its slot is gone. Slots that held a
// large one give their pages back. One batch object per thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "format/file.h"
#include "logd/identity/sender_cache.h"

namespace logd {

struct Datagram {
  std::string_view bytes{};
  // Without credentials, which a socket with SO_PASSCRED always has: nobody.
  Credentials sender{.pid = 0, .uid = kNobody, .gid = kNobody};
  uint64_t stamp_us = 0;   // the kernel's, at the time of send()
  bool truncated = false;  // longer than any entry may be
  bool excess_descriptors = false;
  std::span<logfmt::Fd> descriptors{};  // closed by the next receive()
};

class DatagramBatch {
 public:
  static constexpr size_t kSlots = 64;

  static logfmt::Result<DatagramBatch> create();
  DatagramBatch(DatagramBatch&&) noexcept;
  DatagramBatch& operator=(DatagramBatch&&) = delete;
  ~DatagramBatch();

  // How many were received, 0 when none waits. Views live until the next call.
  logfmt::Result<size_t> receive(int fd);
  Datagram& operator[](size_t index) { return datagrams_[index]; }

 private:
  // One is all that an entry may bring. The kernel closes what finds no room,
  // so no sender can use up the daemon's descriptors.
  static constexpr size_t kDescriptorsMax = 2;
  static constexpr size_t kControlBytes =
      CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(ucred)) +
      CMSG_SPACE(kDescriptorsMax * sizeof(int));

  struct Slot {
    iovec buffer;
    alignas(cmsghdr) char control[kControlBytes];
    std::array<logfmt::Fd, kDescriptorsMax> descriptors;
  };

  DatagramBatch(char* region, size_t region_bytes, size_t slot_bytes);
  void release_previous();
  void take_control(size_t index);

  char* region_;
  size_t region_bytes_;
  size_t slot_bytes_;
  size_t received_ = 0;
  std::unique_ptr<std::array<Slot, kSlots>> slots_;
  std::unique_ptr<std::array<mmsghdr, kSlots>> headers_;
  std::array<Datagram, kSlots> datagrams_{};
};

}  // namespace logd
