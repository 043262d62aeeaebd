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
#include "format/unit_use.h"

namespace logd {

enum class EventKind : uint8_t {
  kStarted,
  kStopped,
  kReloaded,
  kRejectedConfig,
  kDropped,
  kLimited,
  kRestarted,
  kUnclean,
  kDamaged,
  kClockStepped,
  kEvicted,
  kStoreFailed,
  kNotice,
};

struct Event {
  EventKind kind = EventKind::kNotice;
  uint8_t priority = 6;
  std::string message{};
  // Further fields: N_DROPPED, CAUSE, ...
  std::vector<std::pair<std::string, std::string>> fields{};
  // The unit that it tells something of, if any.
  logfmt::Owner about{};
};

// Appends OBJECT_UNIT, and OBJECT_UID and OBJECT_UNIT_FROM where the name needs
// them, to the trusted fields of the entry: by them `logq -u` finds it, and a
// bare identifier does not pass for the unit of that name.
void append_object(const logfmt::Owner& about, std::string& context);

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
  uint64_t dropped_bytes_ = 0;
  uint64_t dropped_first_us_ = 0;
  uint64_t dropped_last_us_ = 0;
  logfmt::Fd wake_;
};

}  // namespace logd
