#include "logd/run/log_stream.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace logrun {
namespace {

// The kernel counts buffers, overhead included, not bytes: only zero has a
// meaning. It wakes us while it still counts one for the buffer that it is
// just freeing, and does not wake us again.
bool peer_has_read_all(int fd) {
  int queued = 0;
  return ioctl(fd, SIOCOUTQ, &queued) == 0 && queued <= 1;
}

bool peer_is_gone(int fd) {
  pollfd entry{.fd = fd, .events = 0, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

// Whether the peer closed the connection with bytes of ours still unread.
bool peer_left_bytes(int fd) {
  int error = 0;
  socklen_t bytes = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
  return error != 0;
}

}  // namespace

LogStream::LogStream(std::string path, std::string header, Poller& poller)
    : path_(std::move(path)), header_(std::move(header)), poller_(&poller) {}

void LogStream::turn(Clock::time_point now) {
  if (!connected() && now >= retry_at_) connect(now);
  if (connected()) settle(now);
  if (connected() && !awaiting()) send_next(now);
}

Deadline LogStream::deadline(Clock::time_point now) const {
  if (!connected()) return retry_at_;
  if (buffer_.full() && awaiting() && !stalled(now)) {
    return sent_at_ + kStallMax;
  }
  return std::nullopt;
}

size_t LogStream::room(Clock::time_point now) const {
  if (!connected() || stalled(now)) return std::string::npos;
  return buffer_.room();
}

bool LogStream::stalled(Clock::time_point now) const {
  return awaiting() && now - sent_at_ >= kStallMax;
}

logfmt::Fd LogStream::open_connection() const {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path_.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path_.data(), path_.size());
  logfmt::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0 ||
      !poller_->watch(fd.get())) {
    return {};
  }
  return fd;
}

void LogStream::connect(Clock::time_point now) {
  connected_at_ = now;
  fd_ = open_connection();
  if (!connected() ||
      send(fd_.get(), header_.data(), header_.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(header_.size())) {
    disconnect(now);
    return;
  }
  awaiting_header_ = true;
  sent_at_ = now;
}

void LogStream::settle(Clock::time_point now) {
  // In this order: a peer that closes drops what it has not read, which
  // looks like having read it; but the peer is seen to be gone before that.
  const bool read_all = peer_has_read_all(fd_.get());
  const bool gone = peer_is_gone(fd_.get());
  if (read_all && !(gone && peer_left_bytes(fd_.get()))) {
    awaiting_header_ = false;
    if (buffer_.in_flight()) buffer_.acknowledge();
  }
  if (gone) disconnect(now);
}

void LogStream::send_next(Clock::time_point now) {
  const std::string_view chunk = buffer_.next_chunk();
  if (chunk.empty()) return;
  const ssize_t sent =
      send(fd_.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL);
  // A chunk fits into one socket buffer and nothing else is queued, so the
  // kernel takes all of it or refuses; a refusal is as good as a hang-up.
  if (sent != static_cast<ssize_t>(chunk.size())) {
    disconnect(now);
    return;
  }
  buffer_.mark_sent();
  sent_at_ = now;
}

void LogStream::disconnect(Clock::time_point now) {
  fd_.reset();
  awaiting_header_ = false;
  buffer_.rewind();
  // A daemon that closes each connection at once is not to be pestered.
  if (now - connected_at_ > kRetryMax) retry_delay_ = kRetryMin;
  retry_at_ = now + retry_delay_;
  retry_delay_ = std::min(retry_delay_ * 2, kRetryMax);
}

}  // namespace logrun
