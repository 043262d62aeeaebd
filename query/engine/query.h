// A query as the engine understands it: absolute, resolved, without options.
//
// The command line (query/options.h) makes one of these; the engine runs it
// over store directories. Nothing here depends on the terminal or the clock.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "format/entry.h"

namespace logq {

// Shell globs (fnmatch). An entry passes when any of `include` matches (or
// there is none) and none of `exclude` does. Unit names carry their suffix:
// the command line has turned "bot" into "bot.service".
struct NamePatterns {
  std::vector<std::string> include{};
  std::vector<std::string> exclude{};
  bool empty() const { return include.empty() && exclude.empty(); }
};

// FIELD=VALUE or FIELD!=VALUE; compares bytes.
struct FieldTerm {
  std::string name{};
  std::string value{};
  bool negated = false;
};

// Terms of one group: the same field is "or", different fields are "and";
// negated terms all have to hold. An entry passes when any group does ("+").
using FieldGroup = std::vector<FieldTerm>;

struct TextFilter {
  std::vector<std::string> include{};  // RE2 patterns on MESSAGE, any matches
  std::vector<std::string> exclude{};  // none may match
  // Not set: smart case (a pattern without upper-case letters ignores case).
  std::optional<bool> case_sensitive{};
  bool empty() const { return include.empty() && exclude.empty(); }
};

// A boot by id, or counted: 0 the newest, -1 the one before, 1 the oldest.
// With an id, offset counts from that boot.
struct BootSelector {
  std::optional<logfmt::Id128> id{};
  int64_t offset = 0;
};

inline constexpr uint16_t kAnyPriorityMask = 0x1FF;  // 0-7 and "none" (bit 8)

struct Query {
  NamePatterns units{};
  NamePatterns identifiers{};
  uint16_t priority_mask = kAnyPriorityMask;
  uint32_t facility_mask = 0;  // bit n: facility n; 0: any
  uint64_t since_us = 0;       // both ends inclusive, on the realtime stamp
  uint64_t until_us = std::numeric_limits<uint64_t>::max();
  std::optional<BootSelector> boot{};
  bool kernel_only = false;  // _TRANSPORT=kernel
  std::vector<FieldGroup> groups{};
  TextFilter text{};
  // Only entries with a greater sequence number (cursor, follow).
  uint64_t after_seq = 0;
  // The newest (or, from_oldest, the oldest) `limit` matches; all if not set.
  std::optional<uint64_t> limit{};
  bool from_oldest = false;
  bool reverse = false;  // newest first
};

}  // namespace logq
