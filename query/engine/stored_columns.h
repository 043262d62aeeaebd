// Fields that entries show but that the store keeps as columns: PRIORITY,
// _PID, _BOOT_ID and, for datagrams, _SOURCE_REALTIME_TIMESTAMP. Which entry
// has which is decided here, for matching and for output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "format/entry.h"

namespace logq {

inline constexpr std::string_view kSourceRealtimeField =
    "_SOURCE_REALTIME_TIMESTAMP";

// Whether entries may show a field of that name though no table of field names
// lists it.
inline bool is_column(std::string_view name) {
  return name == logfmt::field::kBootId || name == logfmt::field::kPriority ||
         name == logfmt::field::kPid || name == kSourceRealtimeField;
}
inline bool has_priority(const logfmt::EntryView& entry) {
  return entry.priority < logfmt::kNoPriority;
}
inline bool has_pid(const logfmt::EntryView& entry) { return entry.pid != 0; }
// By its _TRANSPORT: the kernel stamps datagrams; what came by stream has no
// such time.
inline bool has_source_realtime(std::string_view transport) {
  return transport == "syslog" || transport == "journal";
}

// The value as it is printed, if the entry has one.
inline std::optional<std::string> column_value(const logfmt::EntryView& entry,
                                               std::string_view name) {
  if (name == logfmt::field::kBootId) return entry.boot_id.hex();
  if (name == logfmt::field::kPriority && has_priority(entry)) {
    return std::to_string(entry.priority);
  }
  if (name == logfmt::field::kPid && has_pid(entry)) {
    return std::to_string(entry.pid);
  }
  if (name == kSourceRealtimeField) {
    const auto transport = entry.context.find(logfmt::field::kTransport);
    if (transport && has_source_realtime(*transport)) {
      return std::to_string(entry.realtime_us);
    }
  }
  return std::nullopt;
}

}  // namespace logq
