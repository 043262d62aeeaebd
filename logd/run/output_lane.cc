#include "logd/run/output_lane.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace logrun {
namespace {

constexpr size_t kReadBytesMax = 64 << 10;
constexpr size_t kTurnBytesMax = 1 << 20;

bool is_readable(int fd) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

}  // namespace

OutputLane::OutputLane(logfmt::Fd source, LogStream stream, Poller& poller)
    : source_(std::move(source)),
      stream_(std::move(stream)),
      last_read_(Clock::now()) {
  // A regular file cannot be watched and need not be: it is always readable.
  static_cast<void>(poller.watch(source_.get()).has_value());
}

void OutputLane::turn(Clock::time_point now, bool may_read) {
  stream_.turn(now);
  if (may_read) read_source(now);
  stream_.turn(now);
}

Deadline OutputLane::deadline(Clock::time_point now) const {
  if (more_to_read_) return now;
  if (done()) return std::nullopt;
  return stream_.deadline(now);
}

void OutputLane::close_source() {
  source_.reset();
  stream_.end();
}

Clock::time_point OutputLane::silent_since(Clock::time_point now) const {
  return stream_.room(now) > 0 ? last_read_ : now;
}

void OutputLane::read_source(Clock::time_point now) {
  more_to_read_ = false;
  size_t bytes = 0;
  while (source_.valid() && stream_.room(now) > 0) {
    if (bytes >= kTurnBytesMax) {
      more_to_read_ = true;
      return;
    }
    const size_t count = read_once(now);
    if (count == 0) return;
    bytes += count;
  }
}

size_t OutputLane::read_once(Clock::time_point now) {
  if (!is_readable(source_.get())) return 0;
  std::array<char, kReadBytesMax> bytes;
  // Never more than fits: a line may be dropped only where nobody reads.
  const size_t wanted = std::min(bytes.size(), stream_.room(now));
  const ssize_t count = read(source_.get(), bytes.data(), wanted);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
  if (count <= 0) {
    close_source();
    return 0;
  }
  last_read_ = now;
  stream_.append({bytes.data(), static_cast<size_t>(count)});
  return static_cast<size_t>(count);
}

}  // namespace logrun
