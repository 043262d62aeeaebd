#include "logd/intake/datagram_batch.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "format/limits.h"
#include "logd/clock.h"

namespace logd {
namespace {

// The largest slot that the system lets us have address space for.
constexpr std::array<size_t, 3> kSlotBytes{logfmt::kEntryBytesMax, 1 << 20,
                                           256 << 10};
// Slots at equal distances of a power of two would fight for the same lines of
// the caches.
constexpr size_t kSlotSkewBytes = 4096 + 320;
// What stays resident of a slot.
constexpr size_t kKeptBytes = 64 << 10;
constexpr uintptr_t kPageBytes = 4096;

}  // namespace

logfmt::Result<DatagramBatch> DatagramBatch::create() {
  for (const size_t slot_bytes : kSlotBytes) {
    const size_t region_bytes = kSlots * (slot_bytes + kSlotSkewBytes);
    void* region = mmap(nullptr, region_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) continue;
    // A huge page per slot would be 128 MB for 64 short lines.
    (void)madvise(region, region_bytes, MADV_NOHUGEPAGE);
    return DatagramBatch(static_cast<char*>(region), region_bytes, slot_bytes);
  }
  return logfmt::fail_errno("no address space for receive buffers");
}

DatagramBatch::DatagramBatch(char* region, size_t region_bytes,
                             size_t slot_bytes)
    : region_(region),
      region_bytes_(region_bytes),
      slot_bytes_(slot_bytes),
      slots_(std::make_unique<std::array<Slot, kSlots>>()),
      headers_(std::make_unique<std::array<mmsghdr, kSlots>>()) {
  for (size_t i = 0; i < kSlots; ++i) {
    Slot& slot = (*slots_)[i];
    slot.buffer = {region_ + i * (slot_bytes_ + kSlotSkewBytes), slot_bytes_};
    msghdr& header = (*headers_)[i].msg_hdr;
    header = {};
    header.msg_iov = &slot.buffer;
    header.msg_iovlen = 1;
    header.msg_control = slot.control;
  }
}

DatagramBatch::DatagramBatch(DatagramBatch&& other) noexcept
    : region_(std::exchange(other.region_, nullptr)),
      region_bytes_(other.region_bytes_),
      slot_bytes_(other.slot_bytes_),
      received_(std::exchange(other.received_, 0)),
      slots_(std::move(other.slots_)),
      headers_(std::move(other.headers_)),
      datagrams_(std::move(other.datagrams_)) {}

DatagramBatch::~DatagramBatch() {
  if (region_ != nullptr) (void)munmap(region_, region_bytes_);
}

void DatagramBatch::release_previous() {
  for (size_t i = 0; i < received_; ++i) {
    Datagram& datagram = datagrams_[i];
    for (logfmt::Fd& fd : datagram.descriptors) fd.reset();
    if (datagram.bytes.size() > kKeptBytes) {
      const auto begin = reinterpret_cast<uintptr_t>(datagram.bytes.data());
      const uintptr_t from =
          (begin + kKeptBytes + kPageBytes - 1) / kPageBytes * kPageBytes;
      const uintptr_t to =
          (begin + datagram.bytes.size()) / kPageBytes * kPageBytes;
      if (to > from) {
        (void)madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
      }
    }
    datagram = {};
  }
  received_ = 0;
}

logfmt::Result<size_t> DatagramBatch::receive(int fd) {
  release_previous();
  for (mmsghdr& header : *headers_) {
    header.msg_hdr.msg_controllen = kControlBytes;
  }
  int count = 0;
  do {
    count = recvmmsg(fd, headers_->data(), kSlots,
                     MSG_DONTWAIT | MSG_CMSG_CLOEXEC, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return size_t{0};
    return logfmt::fail_errno("cannot receive datagrams");
  }
  received_ = static_cast<size_t>(count);
  for (size_t i = 0; i < received_; ++i) {
    const mmsghdr& header = (*headers_)[i];
    Datagram& datagram = datagrams_[i];
    datagram.bytes = {static_cast<char*>((*slots_)[i].buffer.iov_base),
                      std::min<size_t>(header.msg_len, slot_bytes_)};
    datagram.truncated = (header.msg_hdr.msg_flags & MSG_TRUNC) != 0;
    datagram.excess_descriptors = (header.msg_hdr.msg_flags & MSG_CTRUNC) != 0;
    take_control(i);
  }
  return received_;
}

void DatagramBatch::take_control(size_t index) {
  Datagram& datagram = datagrams_[index];
  Slot& slot = (*slots_)[index];
  msghdr& header = (*headers_)[index].msg_hdr;
  size_t descriptors = 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
       part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    const size_t bytes = part->cmsg_len - CMSG_LEN(0);
    if (part->cmsg_type == SCM_CREDENTIALS && bytes == sizeof(ucred)) {
      ucred sender{};
      std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
      datagram.sender = {sender.pid, sender.uid, sender.gid};
    } else if (part->cmsg_type == SCM_TIMESTAMPNS &&
               bytes == sizeof(timespec)) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
      datagram.stamp_us = static_cast<uint64_t>(stamp.tv_sec) * 1'000'000 +
                          static_cast<uint64_t>(stamp.tv_nsec) / 1'000;
    } else if (part->cmsg_type == SCM_RIGHTS) {
      for (size_t at = 0; at + sizeof(int) <= bytes; at += sizeof(int)) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
        logfmt::Fd owned(fd);
        if (descriptors == kDescriptorsMax) {
          datagram.excess_descriptors = true;
          continue;  // closed at once
        }
        slot.descriptors[descriptors++] = std::move(owned);
      }
    }
  }
  datagram.descriptors = std::span(slot.descriptors).first(descriptors);
  if (datagram.stamp_us == 0) datagram.stamp_us = realtime_us();
}

}  // namespace logd
