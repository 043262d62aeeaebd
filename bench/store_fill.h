// Writes a store as the daemon's encoder does: blocks as full as they get,
// segments sealed at their largest; and takes the time of the encoding alone.
//
// After finish() the store is complete and all of it is sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bench/entry_source.h"
#include "format/block_builder.h"
#include "format/limits.h"
#include "format/segment_writer.h"
#include "format/store_dir.h"

namespace logbench {

struct FillTotals {
  uint64_t entries = 0;
  uint64_t message_bytes = 0;
  uint64_t first_us = 0;
  uint64_t last_us = 0;
  uint64_t blocks = 0;
  double encode_cpu_s = 0;  // rows to block bytes, compression included
};

class StoreFill {
 public:
  // The level that the daemon compresses at while it keeps up.
  static constexpr int kDaemonLevel = 8;

  // Of a locked store without entries; create() makes one.
  StoreFill(logfmt::StoreDir store, int level);

  // kInvalidArgument where the directory holds entries already.
  static logfmt::Result<std::unique_ptr<StoreFill>> create(
      const std::string& directory, int level);

  // At least 1; the daemon's until then.
  void set_segment_blocks(size_t blocks) { segment_blocks_ = blocks; }

  // Takes the processor's time once a call, so give it many at a time.
  logfmt::Status add(std::span<const MadeEntry> entries);
  logfmt::Status finish();

  const FillTotals& totals() const { return totals_; }

 private:
  logfmt::Status append_block();

  logfmt::StoreDir store_;
  int level_;
  size_t segment_blocks_ = logfmt::kBlocksPerSegmentMax;
  logfmt::BlockBuilder builder_;
  std::optional<logfmt::SegmentWriter> segment_;
  FillTotals totals_;
};

}  // namespace logbench
