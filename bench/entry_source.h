// What a benchmark fills a store with: entries as the daemon would store them,
// one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/entry.h"

namespace logbench {

struct MadeEntry {
  logfmt::Id128 boot_id{};
  uint64_t realtime_us = 0;
  uint64_t monotonic_us = 0;
  uint8_t priority = logfmt::kNoPriority;
  uint32_t pid = 0;
  std::string_view context{};  // belongs to the source
  std::string payload{};

  // Valid until this changes.
  logfmt::EntryView view(uint64_t seq) const {
    return {.seq = seq,
            .boot_id = boot_id,
            .realtime_us = realtime_us,
            .monotonic_us = monotonic_us,
            .priority = priority,
            .pid = pid,
            .context = logfmt::FieldList(context),
            .payload = logfmt::FieldList(payload)};
  }
  std::string_view message() const {
    return logfmt::FieldList(payload)
        .find(logfmt::field::kMessage)
        .value_or(std::string_view());
  }
};

class EntrySource {
 public:
  virtual ~EntrySource() = default;

  // Overwrites `entry`, whose memory is used again; false at the end.
  virtual bool next(MadeEntry& entry) = 0;
};

// The context of a service's entries, in the daemon's order of fields:
// datagrams of a program of that name, or lines of its stream.
enum class Transport { kSyslog, kStream };
std::string service_context(std::string_view identifier, Transport transport);

// All made-up entries are of this boot, which began that long before them.
logfmt::Id128 made_boot();
inline constexpr uint64_t kMadeStartUs = 1'767'614'400'000'000;
inline constexpr uint64_t kMadeUptimeUs = 86'400'000'000;

}  // namespace logbench
