// Datagrams for the log daemon, kept in order until it takes them.
//
// At most kEventsMax wait; beyond that the oldest is given up, since the last
// events are those that explain the present. The next one that goes out says
// how many are missing before it, in the field N_DROPPED.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "format/file.h"
#include "logd/run/poller.h"

namespace logrun {

class EventQueue {
 public:
  static constexpr size_t kEventsMax = 256;
  static constexpr std::chrono::milliseconds kRetryMin{100};
  static constexpr std::chrono::milliseconds kRetryMax{400};

  explicit EventQueue(std::string path) : path_(std::move(path)) {}

  void post(std::string datagram);
  // Sends as many as the daemon takes.
  void turn(Clock::time_point now);
  Deadline deadline() const;
  bool empty() const { return waiting_.empty(); }

 private:
  void drop_oldest();
  bool send_oldest();

  std::string path_;
  logfmt::Fd fd_{};
  std::deque<std::string> waiting_{};
  uint64_t dropped_count_ = 0;  // before the oldest that waits
  Clock::time_point retry_at_{};
  std::chrono::milliseconds retry_delay_ = kRetryMin;
};

}  // namespace logrun
