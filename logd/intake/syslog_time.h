// Time stamps at the head of syslog texts. Pure functions of bytes.
//
// A stamp has a shape and a value. When the shape fits, the bytes belong to the
// stamp even if the date is impossible (30 February): the value is then absent.
// The value is the sender's claim; nothing is ordered or found by it.
//
// Source: RFC 3164 section 4.1.2, RFC 5424 section 6.2.3, and the variants that
// routers, switches and relays really send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace logd {

struct SyslogContext {
  uint64_t receive_time_us = 0;  // completes stamps without a year
  // Zone of stamps that name none: this host's, at the time of receipt. One on
  // the other side of a clock change is read an hour off.
  int32_t utc_offset_s = 0;
};

struct SyslogStamp {
  std::string_view text{};            // without what separates it from the rest
  std::optional<uint64_t> time_us{};  // absent: impossible, or before 1970
};

// "2003-10-11T22:14:15.003Z" up to a blank or the end, as RFC 5424 writes it,
// but the zone may be missing, fractions may be longer and :60 is the next
// minute. Absent when it has another shape or an impossible value.
std::optional<SyslogStamp> scan_rfc5424_stamp(std::string_view text,
                                              const SyslogContext& context);

// What local programs write: "Oct  1 17:46:12", or RFC 5424's form whatever its
// value.
std::optional<SyslogStamp> scan_local_stamp(std::string_view text,
                                            const SyslogContext& context);

// What arrives from a network: the above with the year before, amid or after,
// one-digit days, fractions after a dot or comma, "UTC", a colon at the end,
// Cisco's "*" and "." in front, a blank for the T.
std::optional<SyslogStamp> scan_network_stamp(std::string_view text,
                                              const SyslogContext& context);

}  // namespace logd
