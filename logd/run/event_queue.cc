#include "logd/run/event_queue.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "logd/run/run_events.h"

namespace logrun {

void EventQueue::post(std::string datagram) {
  if (waiting_.size() == kEventsMax) drop_oldest();
  waiting_.push_back(std::move(datagram));
}

void EventQueue::turn(Clock::time_point now) {
  if (waiting_.empty() || now < retry_at_) return;
  while (!waiting_.empty() && send_oldest()) {
  }
  if (waiting_.empty()) {
    retry_delay_ = kRetryMin;
    retry_at_ = {};
    return;
  }
  retry_at_ = now + retry_delay_;
  retry_delay_ = std::min(retry_delay_ * 2, kRetryMax);
}

Deadline EventQueue::deadline() const {
  return waiting_.empty() ? Deadline{} : retry_at_;
}

void EventQueue::drop_oldest() {
  waiting_.pop_front();
  ++dropped_count_;
}

// False where it has to wait.
bool EventQueue::send_oldest() {
  if (!fd_.valid()) {
    fd_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  }
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path_.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  std::string datagram = waiting_.front();
  if (dropped_count_ > 0) {
    const EventField dropped("N_DROPPED", std::to_string(dropped_count_));
    datagram += encode_event(std::span(&dropped, 1));
  }
  const ssize_t sent =
      sendto(fd_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (sent >= 0) {
    waiting_.pop_front();
    dropped_count_ = 0;
    return true;
  }
  // Too large for this system's sockets: it would never go.
  if (errno != EMSGSIZE) return false;
  drop_oldest();
  return true;
}

}  // namespace logrun
