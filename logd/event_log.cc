#include "logd/event_log.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "format/entry.h"
#include "logd/clock.h"

namespace logd {
namespace {

constexpr size_t kEventsMax = 256;

}  // namespace

std::string_view message_id(EventKind kind) {
  switch (kind) {
    case EventKind::kStarted:
      return "8d3c1c5ab0f94f0f9b5c7f6a3f0d9b11";
    case EventKind::kStopped:
      return "b7a0d6a1c9514ab3a0b64a1de4c0f7d2";
    case EventKind::kReloaded:
      return "4f6d0c9e7a2b4b6f8f1f52a0d1c3e9a7";
    case EventKind::kRejectedConfig:
      return "c15e2d4bb2f84f3d9d0f3b6a75e8a0c4";
    case EventKind::kDropped:
      return "2e9b6f3a5d784c1e8a7d90b4c6f1e3d5";
    case EventKind::kLimited:
      return "d4b81f6e90c35a27e8143c7db2f60a95";
    case EventKind::kRestarted:
      return "36e2c9a0f7184d5bb86d05e3914fa7c2";
    case EventKind::kUnclean:
      return "e07f4c8d1b6a4e52b3c9d8a7f6051e24";
    case EventKind::kDamaged:
      return "93a5b1e7c2d04f689e4b7a0d5c8f3162";
    case EventKind::kClockStepped:
      return "5ad8e4f0b7c34962a1f6d3e9c0b58247";
    case EventKind::kEvicted:
      return "f1c6a9d3e5b84720b8d2f7e4a6c09135";
    case EventKind::kStoreFailed:
      return "0b4e8d7f2a6c4951bd3e6f9a8c7d5024";
    case EventKind::kNotice:
      break;
  }
  return "a6d2f8c4e0b94735968c1e7d3f5a0b82";
}

std::string_view event_name(EventKind kind) {
  switch (kind) {
    case EventKind::kDropped:
      return "dropped";
    case EventKind::kLimited:
      return "limited";
    case EventKind::kRestarted:
      return "restarted";
    case EventKind::kUnclean:
      return "unclean";
    case EventKind::kDamaged:
      return "damaged";
    case EventKind::kClockStepped:
      return "clock-stepped";
    case EventKind::kEvicted:
      return "evicted";
    default:
      return {};
  }
}

void append_object(const logfmt::Owner& about, std::string& context) {
  if (about.kind == logfmt::OwnerKind::kNobody) return;
  logfmt::append_field(context, logfmt::field::kObjectUnit, about.name);
  if (!about.uid.empty()) {
    logfmt::append_field(context, logfmt::field::kObjectUid, about.uid);
  }
  if (about.kind == logfmt::OwnerKind::kIdentifier) {
    logfmt::append_field(context, logfmt::field::kObjectUnitFrom,
                         logfmt::kFromIdentifier);
  }
}

EventLog::EventLog() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool EventLog::post(Event event) {
  const std::lock_guard lock(mutex_);
  if (events_.size() >= kEventsMax) {
    dropped_last_us_ = realtime_us();
    if (dropped_++ == 0) dropped_first_us_ = dropped_last_us_;
    dropped_bytes_ += event.message.size();
    return false;
  }
  events_.push_back(std::move(event));
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof one);
  return true;
}

std::vector<Event> EventLog::take() {
  const std::lock_guard lock(mutex_);
  uint64_t count = 0;
  (void)!read(wake_.get(), &count, sizeof count);
  if (dropped_ > 0) {
    events_.push_back(
        {.kind = EventKind::kDropped,
         .priority = 4,
         .message = std::to_string(dropped_) +
                    " messages of logd itself were dropped: more came than it "
                    "keeps until they are stored",
         .fields = {{"N_DROPPED", std::to_string(dropped_)},
                    {"BYTES_DROPPED", std::to_string(dropped_bytes_)},
                    {"CAUSE", "own-queue-full"},
                    {"FIRST_TIME", std::to_string(dropped_first_us_)},
                    {"LAST_TIME", std::to_string(dropped_last_us_)}}});
    dropped_ = dropped_bytes_ = 0;
  }
  return std::exchange(events_, {});
}

}  // namespace logd
