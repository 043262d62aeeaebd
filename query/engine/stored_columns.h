// Fields that entries show but that the store keeps as columns: PRIORITY,
// _PID, _BOOT_ID and, for datagrams, _SOURCE_REALTIME_TIMESTAMP.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "format/entry.h"

namespace logq {

inline constexpr std::string_view kSourceRealtimeField =
    "_SOURCE_REALTIME_TIMESTAMP";

// The value as it is printed, if the entry has one.
inline std::optional<std::string> column_value(const logfmt::EntryView& entry,
                                               std::string_view name) {
  if (name == logfmt::field::kBootId) return entry.boot_id.hex();
  if (name == logfmt::field::kPriority &&
      entry.priority != logfmt::kNoPriority) {
    return std::to_string(entry.priority);
  }
  if (name == logfmt::field::kPid && entry.pid != 0) {
    return std::to_string(entry.pid);
  }
  if (name == kSourceRealtimeField) {
    const auto transport = entry.context.find(logfmt::field::kTransport);
    // The kernel stamps datagrams; what came by stream has no such time.
    if (transport == "syslog" || transport == "journal") {
      return std::to_string(entry.realtime_us);
    }
  }
  return std::nullopt;
}

}  // namespace logq
