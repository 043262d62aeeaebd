// Reads one block: its columns first, its text only when asked.
//
// Each part is checked before it is decompressed and decoded with bounds, so
// a block either gives exactly what was stored or an error. Views live as long
// as the reader and its parts do. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/block_header.h"
#include "format/coding.h"
#include "format/compression.h"
#include "format/entry.h"

namespace logfmt {

class BlockReader {
 public:
  // Decodes the meta part of the block at `offset` of the file `fd`, which
  // has to stay open as long as the reader is used.
  static Result<BlockReader> open(int fd, uint64_t offset,
                                  const BlockHeader& header, uint64_t seed);

  const BlockHeader& header() const { return header_; }
  size_t rows() const { return header_.rows; }

  uint64_t seq(size_t row) const { return seqs_[row]; }
  uint64_t realtime_us(size_t row) const { return realtimes_[row]; }
  uint8_t priority(size_t row) const { return priorities_[row]; }
  uint32_t context(size_t row) const { return contexts_of_rows_[row]; }
  size_t context_count() const { return contexts_.size(); }
  FieldList context_fields(uint32_t context) const {
    return FieldList(contexts_[context]);
  }

  // The payloads; needed before payload() and entry(). Costs the most.
  Status load_payloads();
  bool payloads_loaded() const { return !payload_offsets_.empty(); }
  // All payloads of the block, row after row: for searching them at once.
  std::string_view all_payloads() const { return payloads_; }
  std::string_view payload(size_t row) const;
  // The row that holds this offset of all_payloads().
  size_t row_at(size_t payload_offset) const;

  EntryView entry(size_t row) const;

 private:
  BlockReader(int fd, uint64_t offset, const BlockHeader& header,
              uint64_t seed);

  Result<std::string> load_part(BlockPart part);
  Status decode_meta(std::string_view meta);
  Status decode_columns(Decoder& in);

  int fd_;
  uint64_t offset_;
  BlockHeader header_;
  uint64_t seed_;
  Decompressor decompressor_;
  std::vector<std::string> contexts_;
  std::vector<uint64_t> seqs_;
  std::vector<uint64_t> realtimes_;
  std::vector<uint8_t> priorities_;
  std::vector<uint32_t> contexts_of_rows_;
  std::vector<uint32_t> pids_;
  struct ClockRun {
    uint64_t first_row;
    int64_t offset_us;
  };
  std::vector<ClockRun> clock_runs_;
  std::string payloads_;
  std::vector<uint64_t> payload_offsets_;  // rows + 1 of them
};

}  // namespace logfmt
