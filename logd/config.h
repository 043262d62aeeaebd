// The daemon's configuration: TOML text becomes a checked Config.
//
// Every key is optional and has its default here. What a file says is checked
// at once (kind of value, range, unknown tables and keys) and the first
// mistake is the answer, as "FILE:LINE:COLUMN: what, and what was expected".
// A Config that exists is valid, so that a reload can replace the old one as a
// whole or not at all. Nothing here knows the command line or the environment.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/limits.h"
#include "format/result.h"
#include "format/unit_limits.h"
#include "logd/config_values.h"

namespace logd {

inline constexpr uint64_t kConfigBytesMax = 1 << 20;  // of one file

// The write-ahead log in use, one being encoded, and some history beside them.
inline constexpr uint64_t kMaxUseBytesMin = 4 * logfmt::kWalBytes;
// Of a single unit: below it, rewriting costs more than it frees.
inline constexpr uint64_t kUnitUseBytesMin = 1 << 20;
inline constexpr uint64_t kDefaultUseBytesMax = uint64_t{4} << 30;
// journald's lower bound, and an upper one so that no line fills a batch.
inline constexpr uint64_t kLineBytesMin = 79;
inline constexpr uint64_t kLineBytesMax = 768 << 10;
inline constexpr std::chrono::microseconds kSyncIntervalMin =
    std::chrono::milliseconds(10);
inline constexpr std::chrono::microseconds kSyncIntervalMax =
    std::chrono::hours(1);
inline constexpr std::chrono::microseconds kRotateAfterMin =
    std::chrono::seconds(1);
inline constexpr std::chrono::microseconds kSpanMax =
    std::chrono::days(36'525);  // 100 years
// Above these no program logs; the least bytes let the longest line pass.
inline constexpr int64_t kRateMax = 1'000'000'000;
inline constexpr uint64_t kRateBytesMin = 64 << 10;
inline constexpr uint64_t kRateBytesMax = uint64_t{1} << 40;
inline constexpr std::chrono::microseconds kRateSpanMin =
    std::chrono::seconds(1);
inline constexpr std::chrono::microseconds kRateSpanMax = std::chrono::days(1);

struct StoreConfig {
  SizeLimit max_use{.percent = 10, .share_bytes_max = kDefaultUseBytesMax};
  SizeLimit keep_free{.percent = 5};
  std::chrono::microseconds max_age{0};  // 0: entries do not age
  std::chrono::microseconds sync_interval = std::chrono::seconds(1);
  std::chrono::microseconds rotate_after = std::chrono::days(1);
  bool recompress = true;
  // The tables [unit.PATTERN], in the order in which they are asked.
  std::vector<logfmt::UnitLimit> units{};

  bool operator==(const StoreConfig&) const = default;
};

struct IntakeConfig {
  bool syslog = true;
  bool native = true;
  bool stdout = true;
  bool kmsg = true;
  uint64_t line_bytes_max = 48 << 10;

  bool operator==(const IntakeConfig&) const = default;
};

// What a table [unit.PATTERN] says of rates; what it leaves out is as for all.
struct UnitRate {
  std::string pattern{};  // as in logfmt::UnitLimit
  std::optional<uint64_t> rate{};
  std::optional<uint64_t> rate_bytes{};

  bool operator==(const UnitRate&) const = default;
};

// How much a unit may log (logd/identity/rate_limiter.h).
struct LimitsConfig {
  uint64_t rate = 10'000;  // messages in the span `per`; 0: no limit at all
  std::optional<uint64_t> rate_bytes{};  // 0: messages alone are limited
  std::chrono::microseconds per = std::chrono::seconds(30);
  std::vector<UnitRate> units{};  // in the order of StoreConfig::units

  bool operator==(const LimitsConfig&) const = default;
};

struct Config {
  StoreConfig store;
  IntakeConfig intake;
  LimitsConfig limits;

  bool operator==(const Config&) const = default;
};

struct ConfigPaths {
  std::filesystem::path file;
  std::filesystem::path drop_in_dir;  // "" where there are no drop-ins
  bool file_required = false;  // a person named it; its absence is an error
};

// The base with what the text says on top of it.
logfmt::Result<Config> parse_config(std::string_view text,
                                    std::string_view filename,
                                    const Config& base);

// The file, then DROP_IN_DIR/*.toml in the order of their names; a later file
// wins key by key.
logfmt::Result<Config> load_config(const ConfigPaths& paths);

}  // namespace logd
