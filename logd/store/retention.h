// Which files have to go so that the store keeps its limits.
//
// choose() is a pure decision over a listing; enforce() carries it out. Only
// segments are removed, the oldest first and never the newest, and for a file
// system that others fill never what would leave less than kKeptBytesMin of
// logs. All files count, the active ones too, as du counts them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "format/store_dir.h"
#include "logd/config.h"
#include "logd/event_log.h"

namespace logd {

inline constexpr uint64_t kKeptBytesMin = 16 << 20;

// What has to stay free below the limit: for the next write-ahead log, and for
// the block that the encoder makes of the one before while both are there. The
// limit then holds at every moment.
inline constexpr uint64_t kHeadroomBytes = 2 * logfmt::kWalBytes;

struct FilesystemSpace {
  uint64_t total_bytes = 0;
  uint64_t available_bytes = 0;
};

struct RetentionRules {
  uint64_t max_use_bytes = 0;
  uint64_t keep_free_bytes = 0;
  // What is about to be written and must fit as well.
  uint64_t headroom_bytes = 0;
};

// How long a segment may grow: short enough that removing one is a small part
// of the whole, as journald's file size is of its limit.
uint64_t segment_bytes_max(const RetentionRules& rules);
// The rules for the file system that the store is on.
logfmt::Result<RetentionRules> rules_of(const logfmt::StoreDir& store,
                                        const StoreConfig& config);

RetentionRules resolve_rules(const StoreConfig& config,
                             const FilesystemSpace& space);

// The first files of the answer are the oldest.
std::vector<logfmt::StoreFile> choose_evicted(
    std::span<const logfmt::StoreFile> files, const RetentionRules& rules,
    const FilesystemSpace& space);

// Whether `bytes` more would be within the limit by size, everything counted.
logfmt::Result<bool> has_room(const logfmt::StoreDir& store,
                              const StoreConfig& config, uint64_t bytes);

// Keeps the limits by size and age; posts an event for each file removed. A
// unit that is beyond its own limits is cut before whole segments go.
logfmt::Status enforce_retention(const logfmt::StoreDir& store,
                                 const StoreConfig& config, EventLog& events);

}  // namespace logd
