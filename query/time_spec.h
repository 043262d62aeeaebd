// Points in time as a person writes them: systemd.time(7) and some more.
//
// Accepted: now, today, yesterday, tomorrow, noon, midnight, weekday names,
// dates with or without a time of day, RFC 3339, "Nov 22 05:00:00", "@epoch",
// spans ("1h", "10 min ago", "+5min"); docs/logq.md lists them. Every time
// that logq prints is among them. A span without a sign lies in the past.
//
// Times before 1970 are read as 0. Needs a single thread (time_zone.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "format/result.h"
#include "query/time_zone.h"

namespace logq {

struct TimeContext {
  uint64_t now_us = 0;                // what "now" and the spans count from
  TimeZone zone = TimeZone::local();  // for texts that name none
};

// Microseconds since the epoch.
logfmt::Result<uint64_t> parse_time(std::string_view text,
                                    const TimeContext& context);

}  // namespace logq
