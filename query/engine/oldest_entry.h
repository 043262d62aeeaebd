// The oldest entry that a store still keeps.
#pragma once

#include <cstdint>
#include <optional>

#include "format/store_dir.h"

namespace logq {

// A store that has never dropped an entry begins with this number.
inline constexpr uint64_t kFirstSeqEver = 1;

struct OldestEntry {
  uint64_t seq = 0;
  uint64_t realtime_us = 0;  // the earliest of its block
};

// None where there is no entry, or none that can be read.
std::optional<OldestEntry> oldest_entry(const logfmt::StoreDir& store);

}  // namespace logq
