#include "logd/intake/datagram_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "logd/clock.h"
#include "logd/zone/passed_descriptors.h"

namespace logd {
namespace {

// What stays resident of a slot.
constexpr size_t kKeptBytes = 64 << 10;

}  // namespace

void DatagramBatch::release() {
  for (size_t i = 0; i < received_; ++i) {
    Datagram& datagram = datagrams_[i];
    for (logfmt::Fd& fd : datagram.descriptors) fd.reset();
    if (datagram.bytes.size() > kKeptBytes) {
      zone_.discard(
          zone_.slot(i).first(datagram.bytes.size()).subspan(kKeptBytes));
    }
    datagram = {};
  }
  received_ = 0;
}

logfmt::Result<size_t> DatagramBatch::receive(int fd, BatchKind kind) {
  release();
  const auto headers = zone_.headers();
  zone_.arm(kind, kControlBytes);
  int count = 0;
  do {
    count = recvmmsg(fd, headers.data(), kSlots,
                     MSG_DONTWAIT | MSG_CMSG_CLOEXEC, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return size_t{0};
    return logfmt::fail_errno("cannot receive datagrams");
  }
  return take_received(static_cast<size_t>(count));
}

size_t DatagramBatch::resume() { return take_received(zone_.received()); }

size_t DatagramBatch::take_received(size_t count) {
  received_ = count;
  for (size_t i = 0; i < received_; ++i) {
    const mmsghdr& header = zone_.headers()[i];
    const std::span<char> slot = zone_.slot(i);
    Datagram& datagram = datagrams_[i];
    datagram.bytes = {slot.data(),
                      std::min<size_t>(header.msg_len, slot.size())};
    datagram.truncated = (header.msg_hdr.msg_flags & MSG_TRUNC) != 0;
    datagram.excess_descriptors = (header.msg_hdr.msg_flags & MSG_CTRUNC) != 0;
    take_control(i);
  }
  return received_;
}

void DatagramBatch::take_control(size_t index) {
  Datagram& datagram = datagrams_[index];
  const std::span<const char> control = zone_.control(index);
  size_t descriptors = 0;
  for_each_part(control, [&](int type, std::span<const char> data) {
    if (type == SCM_CREDENTIALS && data.size() == sizeof(ucred)) {
      ucred sender{};
      std::memcpy(&sender, data.data(), sizeof sender);
      datagram.sender = {sender.pid, sender.uid, sender.gid};
    } else if (type == SCM_TIMESTAMPNS && data.size() == sizeof(timespec)) {
      timespec stamp{};
      std::memcpy(&stamp, data.data(), sizeof stamp);
      datagram.stamp_us = static_cast<uint64_t>(stamp.tv_sec) * 1'000'000 +
                          static_cast<uint64_t>(stamp.tv_nsec) / 1'000;
    }
  });
  for_each_descriptor(control, [&](int fd) {
    logfmt::Fd owned(fd);
    if (descriptors == kDescriptorsMax) {
      datagram.excess_descriptors = true;
      return;  // closed at once
    }
    descriptors_[index][descriptors++] = std::move(owned);
  });
  datagram.descriptors = std::span(descriptors_[index]).first(descriptors);
  if (datagram.stamp_us == 0) datagram.stamp_us = realtime_us();
}

}  // namespace logd
