// An entry: one log record as the store knows it.
//
// Identity and order are (boot_id, seq). Time is an attribute: clocks jump.
// The context is the set of trusted fields that one sender's entries share
// (unit, identifier, uid, command line, transport, ...); the payload is
// MESSAGE and every other field the client sent, in order of arrival.
#pragma once

#include <cstdint>

#include "format/field_list.h"
#include "format/id128.h"

namespace logfmt {

// Stored in place of a priority for an entry that has none.
inline constexpr uint8_t kNoPriority = 8;

// A view: all of it points into buffers of the reader that produced it and is
// valid until that reader is asked for anything else.
struct EntryView {
  uint64_t seq = 0;
  Id128 boot_id{};
  uint64_t realtime_us = 0;        // CLOCK_REALTIME, kernel's receive stamp
  uint64_t monotonic_us = 0;       // CLOCK_MONOTONIC of that boot
  uint8_t priority = kNoPriority;  // 0-7 or kNoPriority
  uint32_t pid = 0;                // 0: not known
  FieldList context{};
  FieldList payload{};
};

// The names that this project's own code asks for, as journald spells them.
namespace field {
inline constexpr std::string_view kMessage = "MESSAGE";
inline constexpr std::string_view kPriority = "PRIORITY";
inline constexpr std::string_view kPid = "_PID";
inline constexpr std::string_view kBootId = "_BOOT_ID";
inline constexpr std::string_view kUnit = "_SYSTEMD_UNIT";
inline constexpr std::string_view kUserUnit = "_SYSTEMD_USER_UNIT";
inline constexpr std::string_view kIdentifier = "SYSLOG_IDENTIFIER";
inline constexpr std::string_view kFacility = "SYSLOG_FACILITY";
inline constexpr std::string_view kTransport = "_TRANSPORT";
inline constexpr std::string_view kHostname = "_HOSTNAME";
inline constexpr std::string_view kComm = "_COMM";
inline constexpr std::string_view kUid = "_UID";
// Of the daemon's own entries: the unit that they tell of, and whose it is.
inline constexpr std::string_view kObjectUnit = "OBJECT_UNIT";
inline constexpr std::string_view kObjectUid = "OBJECT_UID";
inline constexpr std::string_view kObjectUnitFrom = "OBJECT_UNIT_FROM";
}  // namespace field

// The value of OBJECT_UNIT_FROM where OBJECT_UNIT is no unit's name.
inline constexpr std::string_view kFromIdentifier = "identifier";
// The values of _TRANSPORT and SYSLOG_IDENTIFIER of the daemon's own entries.
inline constexpr std::string_view kOwnTransport = "driver";
inline constexpr std::string_view kOwnIdentifier = "logd";

}  // namespace logfmt
