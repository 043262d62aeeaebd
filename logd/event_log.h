// What the daemon has to say in the log itself.
//
// Any thread posts; the intake thread takes the events and stores each as an
// entry (_TRANSPORT=driver, SYSLOG_IDENTIFIER=logd). Bounded: when events come
// faster than they are taken, the newest are dropped and counted in the next.
// Never through syslog(3): a log daemon must not wait for itself.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/file.h"

namespace logd {

enum class EventKind : uint8_t {
  kStarted,
  kStopped,
  kReloaded,
  kRejectedConfig,
  kDropped,
  kLost,  // dropped because the store could not be written
  kUnclean,
  kDamaged,
  kClockStepped,
  kEvicted,
  kStoreFailed,
  kRestarted,
  kNotice,
};

struct Event {
  EventKind kind = EventKind::kNotice;
  uint8_t priority = 6;
  std::string message{};
  // Further fields: N_DROPPED, CAUSE, OBJECT_UNIT, ...
  std::vector<std::pair<std::string, std::string>> fields{};
};

// The fixed MESSAGE_ID of a kind, 32 hex digits.
std::string_view message_id(EventKind kind);
// The value of LOGD_EVENT; empty for kinds that have none.
std::string_view event_name(EventKind kind);

class EventLog {
 public:
  EventLog();

  // False where it had to be dropped.
  bool post(Event event);
  std::vector<Event> take();
  // Readable when there is something to take.
  int fd() const { return wake_.get(); }

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
  uint64_t dropped_ = 0;
  logfmt::Fd wake_;
};

}  // namespace logd
