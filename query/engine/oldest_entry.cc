#include "query/engine/oldest_entry.h"

#include "query/engine/snapshot.h"

namespace logq {

std::optional<OldestEntry> oldest_entry(const logfmt::StoreDir& store) {
  auto snapshot = Snapshot::take(store);
  if (!snapshot) return std::nullopt;
  for (size_t i = 0; i < snapshot->files().size(); ++i) {
    const auto segment = snapshot->open_segment(i);
    if (segment && !segment->blocks().empty()) {
      const auto& header = segment->blocks().front().header;
      return OldestEntry{.seq = header.first_seq,
                         .realtime_us = header.min_realtime_us};
    }
    auto wal = snapshot->take_wal(i);
    logfmt::EntryView entry;
    if (wal && wal->refresh() && wal->next(entry)) {
      return OldestEntry{.seq = entry.seq, .realtime_us = entry.realtime_us};
    }
  }
  return std::nullopt;
}

}  // namespace logq
