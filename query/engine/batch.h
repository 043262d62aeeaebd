// The matching entries of one block or of one WAL, in memory.
//
// Views are valid as long as the batch is. A batch of a block needs the
// segment's reader to stay open until it is made, not longer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "format/block_reader.h"
#include "query/engine/block_scan.h"
#include "query/engine/wal_scan.h"

namespace logq {

class Batch {
 public:
  Batch() = default;

  static logfmt::Result<Batch> of_block(logfmt::BlockReader block,
                                        const Matcher& matcher,
                                        const BlockScope& scope) {
    Batch batch;
    batch.block_.emplace(std::move(block));
    auto rows = matching_rows(*batch.block_, matcher, scope);
    if (!rows) return logfmt::fail(std::move(rows.error()));
    batch.rows_ = std::move(*rows);
    return batch;
  }

  // Entries from `end_seq` on are left out.
  static Batch of_wal(WalScan scan, const Matcher& matcher, uint64_t end_seq) {
    Batch batch;
    batch.wal_.emplace(std::move(scan));
    for (logfmt::EntryView entry; batch.wal_->next(matcher, entry);) {
      if (entry.seq < end_seq) batch.entries_.push_back(entry);
    }
    return batch;
  }

  size_t size() const { return block_ ? rows_.size() : entries_.size(); }
  logfmt::EntryView entry(size_t i) const {
    return block_ ? block_->entry(rows_[i]) : entries_[i];
  }
  // Nothing for a block's batch. Ends the batch.
  std::optional<WalScan> take_wal() {
    entries_.clear();
    return std::exchange(wal_, std::nullopt);
  }
  logfmt::WalReader& wal() { return wal_->wal(); }

 private:
  std::optional<logfmt::BlockReader> block_;
  std::vector<uint32_t> rows_;
  std::optional<WalScan> wal_;
  std::vector<logfmt::EntryView> entries_;
};

}  // namespace logq
