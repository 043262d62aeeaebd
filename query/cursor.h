// Cursors: the text that names one entry of one store.
//
//   s=<store uuid>;i=<seq>;b=<boot id>;m=<monotonic>;t=<realtime>;x=<hash>
//
// Numbers are hexadecimal. The layout is journalctl's; what finds an entry
// again is (s, i), the rest is for people and for other tools.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/id128.h"
#include "format/result.h"
#include "query/record.h"

namespace logq {

struct Cursor {
  logfmt::Id128 store_id{};
  uint64_t seq = 0;
  logfmt::Id128 boot_id{};
  uint64_t monotonic_us = 0;
  uint64_t realtime_us = 0;
  uint64_t hash = 0;  // of the payload

  bool operator==(const Cursor&) const = default;
};

Cursor cursor_of(const EntryRecord& record);
void append_cursor(std::string& out, const Cursor& cursor);
// Writes at `at`, where there is room for kCursorRoom; returns the end.
char* write_cursor(char* at, const Cursor& cursor);
inline constexpr size_t kCursorRoom = 160;

// `s` and `i` are required, any order; keys that are not known are refused.
logfmt::Result<Cursor> parse_cursor(std::string_view text);

// For --cursor-file. A file that is missing or empty holds no cursor yet.
logfmt::Result<std::optional<Cursor>> load_cursor(const std::string& path);
// Replaces the file in one step: readers see the old cursor or the new one.
logfmt::Status save_cursor(const std::string& path, const Cursor& cursor);

}  // namespace logq
