// What a parser makes of one datagram or line: the client's claims.
//
// All views point into the parsed bytes and live
// as long as they do. A Message is reused for the next datagram: clear() keeps
// its capacity, so parsing allocates nothing once warm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/entry.h"

namespace logd {

struct Message {
  uint8_t priority = logfmt::kNoPriority;  // 0-7 or kNoPriority
  int16_t facility = -1;                   // 0-23 (native: as sent); -1 none
  // Absent and empty differ: "[55]: text" has an empty identifier.
  std::optional<std::string_view> identifier{};
  // MESSAGE and all other fields of the payload, in order of arrival.
  std::vector<logfmt::Field> fields{};
  // Time stamp in the text, where there is one; a claim, not the entry's time.
  std::optional<uint64_t> stamp_us{};

  void clear() {
    priority = logfmt::kNoPriority;
    facility = -1;
    identifier.reset();
    fields.clear();
    stamp_us.reset();
  }
  void add(std::string_view name, std::string_view value) {
    fields.push_back({name, value});
  }
};

}  // namespace logd
