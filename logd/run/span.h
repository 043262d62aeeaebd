// Spans of time as people write and read them.
//
// Read: a number, or numbers with units added up: "10s", "1m30s", "500ms",
// "2 h". Units are us, ms, s (sec), m (min), h (hr) and d; a bare number is
// seconds. Written: "40 ms", "1.5 s", "3 min 4 s", "2 h 5 min", "3 d 4 h".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logrun {

// More than any delay that makes sense, and far from overflow.
inline constexpr std::chrono::hours kSpanMax{24 * 366};

logfmt::Result<std::chrono::milliseconds> parse_span(std::string_view text);
std::string span_text(std::chrono::microseconds span);

}  // namespace logrun
