// Wall-clock times as the output formats print them.
//
// Keeps the text of the last second: consecutive entries mostly share it, and
// then only microseconds are written into it. Another second of the same minute
// changes two digits. (Offsets of zones have been whole minutes since 1973.)
// Month and weekday names are English in every
// locale, because parse_time() has to read them back.
#pragma once

#include <cstdint>
#include <string>

namespace logq {

enum class StampStyle {
  kShort,         // Nov 22 05:43:58
  kShortPrecise,  // Nov 22 05:43:58.760597
  kIso,           // 2026-11-22T05:43:58+00:00
  kIsoPrecise,    // 2026-11-22T05:43:58.760597+00:00
  kFull,          // Sun 2026-11-22 05:43:58 UTC
  kFullPrecise,   // Sun 2026-11-22 05:43:58.760597 UTC
  kUnix,          // 1795326238.760597
};

class Stamp {
 public:
  // Local time of the process, or UTC.
  Stamp(StampStyle style, bool utc);

  void append(std::string& out, uint64_t realtime_us);

 private:
  void set_second(uint64_t second);
  void set_minute(uint64_t minute);

  StampStyle style_;
  bool utc_;
  bool precise_;
  uint64_t second_ = UINT64_MAX;
  uint64_t minute_ = UINT64_MAX;
  std::string text_{};
  size_t second_at_ = 0;  // of its two digits in text_
  size_t us_at_ = 0;      // of the six digits, where precise_
};

}  // namespace logq
