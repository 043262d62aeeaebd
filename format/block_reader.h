// Reads one block: its columns first, its text only when asked.
//
// Rows with the same payload share a line. The text can be asked for in steps:
// load_text() is enough to search templates and strings, load_payloads() makes
// the payloads of some rows, or of all.
//
// Each part is checked before it is decompressed and decoded with bounds, so
// a block either gives exactly what was stored or an error. Views live as long
// as the reader and its parts do. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/block_header.h"
#include "format/coding.h"
#include "format/columns/text_reader.h"
#include "format/compression.h"
#include "format/entry.h"

namespace logfmt {

class BlockReader {
 public:
  // Decodes the meta part of the block at `offset` of the file `fd`, which
  // has to stay open as long as the reader is used.
  static Result<BlockReader> open(int fd, uint64_t offset,
                                  const BlockHeader& header, uint64_t seed);

  // The strings part alone, for those who may need no more.
  static Result<std::string> read_strings(int fd, uint64_t offset,
                                          const BlockHeader& header,
                                          uint64_t seed);
  // Whether all of its parts are as they were written; nothing is decoded.
  static Status check_parts(int fd, uint64_t offset, const BlockHeader& header,
                            uint64_t seed);
  // What read_strings() gave for this block: load_text() need not read it.
  void give_strings(std::string strings) { strings_ = std::move(strings); }

  const BlockHeader& header() const { return header_; }
  size_t rows() const { return header_.rows; }

  uint64_t seq(size_t row) const { return seqs_[row]; }
  uint64_t realtime_us(size_t row) const { return realtimes_[row]; }
  uint8_t priority(size_t row) const { return priorities_[row]; }
  uint32_t pid(size_t row) const { return pids_[row]; }
  // In the order of their first rows; most blocks have one.
  std::span<const Id128> boots() const { return boots_; }
  // Index into boots().
  uint32_t boot_index(size_t row) const {
    return boots_.size() == 1 ? 0 : clock_run(row).boot;
  }
  const Id128& boot(size_t row) const { return boots_[boot_index(row)]; }
  uint32_t context(size_t row) const { return contexts_of_rows_[row]; }
  size_t context_count() const { return contexts_.size(); }
  FieldList context_fields(uint32_t context) const {
    return FieldList(contexts_[context]);
  }

  // Templates and strings; needed before line() and text().
  Status load_text();
  uint32_t line(size_t row) const { return lines_[row]; }
  size_t line_count() const { return text_->lines(); }
  TextReader& text() { return *text_; }
  // The numbers as well: all that text() needs to give lines.
  Status load_numbers();

  // The payloads of these rows, or of all; needed before entry() of them.
  Status load_payloads(std::span<const uint32_t> rows);
  Status load_payloads();
  std::string_view payload(size_t row) const;
  // Frees the templates and columns. What payloads there are stays; for others
  // the text would have to be loaded again.
  void drop_text() { text_.reset(); }

  EntryView entry(size_t row) const;

 private:
  BlockReader(int fd, uint64_t offset, const BlockHeader& header,
              uint64_t seed);

  Result<std::string> read_part(BlockPart part);
  Result<std::string> load_part(BlockPart part);
  Status decode_meta(std::string_view meta);
  bool decode_boots(Decoder& in);
  bool decode_clock_runs(Decoder& in);
  Status decode_columns(Decoder& in, uint64_t realtime_us);

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
  std::vector<Id128> boots_;
  struct ClockRun {
    uint64_t first_row;
    uint32_t boot;
    int64_t offset_us;
  };
  std::vector<ClockRun> clock_runs_;
  const ClockRun& clock_run(size_t row) const;
  Status load_payload_of(uint32_t line, TextBuffer& text);

  struct Payload {
    uint32_t offset = 0;
    uint32_t bytes = 0;
    bool loaded = false;
  };
  std::optional<std::string> strings_;  // until load_text()
  std::string text_columns_;  // the end of the meta part, until load_text()
  std::vector<uint32_t> lines_;
  std::optional<TextReader> text_;
  std::string payloads_;
  std::vector<Payload> payloads_of_lines_;
};

}  // namespace logfmt
