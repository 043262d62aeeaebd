// How sizes and spans of time are written in the configuration.
//
// Pure functions of text. A size is a whole number with an optional unit:
// K, M, G or T, each also as "KB" or "KiB" and in either case. All of them
// count by 1024, as in journald.conf(5): "50MB" and "50MiB" are the same. A
// span follows systemd.time(7): numbers with units from "us" to "years",
// added up ("1h30m", "2 days 12h"), seconds where no unit is given.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logd {

// How much of a file system to use: a size, or a share of the whole.
struct SizeLimit {
  uint64_t bytes = 0;    // where percent is 0
  uint32_t percent = 0;  // of the file system's size, 0 to 100
  uint64_t share_bytes_max = std::numeric_limits<uint64_t>::max();

  uint64_t bytes_of(uint64_t filesystem_bytes) const;
  bool operator==(const SizeLimit&) const = default;
};

logfmt::Result<uint64_t> parse_bytes(std::string_view text);
logfmt::Result<SizeLimit> parse_size_limit(std::string_view text);
logfmt::Result<std::chrono::microseconds> parse_span(std::string_view text);

// The known name that a person most likely meant, or "" where none is near.
std::string_view closest_name(std::string_view word,
                              std::span<const std::string_view> known);

}  // namespace logd
