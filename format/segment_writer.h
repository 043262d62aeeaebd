// Writes a segment: appends blocks, then seals it with a footer.
//
// A block is either wholly there or not: it counts once sync() has returned.
// A segment that a dead writer left unsealed can be taken up again; what does
// not check at its end is cut off first. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "format/block_builder.h"
#include "format/file.h"
#include "format/file_header.h"
#include "format/segment_footer.h"
#include "format/store_dir.h"

namespace logfmt {

class SegmentReader;

// A segment that is to replace others; see format/segment_rewrite.h.
struct RewrittenSegment {
  std::string name{};  // a passing one
  uint64_t first_seq = 0;
  uint64_t end_seq = 0;
  uint32_t level = 0;
  uint64_t created_us = 0;
};

class SegmentWriter {
 public:
  static Result<SegmentWriter> create(const StoreDir& store, uint64_t first_seq,
                                      uint64_t now_us);
  // Of such a segment nothing is on the disk before seal() has returned, the
  // name perhaps not even then.
  static Result<SegmentWriter> create_aside(const StoreDir& store,
                                            const RewrittenSegment& segment);
  // Goes on with an unsealed segment; kInvalidArgument where it is sealed,
  // kCorrupt where it is damaged: a writer never touches such a file again.
  // Bytes at its end that do not check are a block that was not finished, or,
  // where no WAL follows that has its entries, have to be part of a footer.
  enum class Tail { kMayBeBlock, kMustBeFooter };
  static Result<SegmentWriter> resume(const StoreDir& store,
                                      const std::string& name,
                                      Tail tail = Tail::kMayBeBlock);

  // Appends and syncs. On failure the file ends where it ended before. The
  // footer says who takes how much if each block comes with its uses.
  Status append(const EncodedBlock& block, const UnitUses& uses = {});
  // Footer, trailer, sync; after that the writer must not be used again. On
  // failure the file ends where it ended before.
  Status seal();

  const std::string& name() const { return name_; }
  uint64_t bytes() const { return bytes_; }
  size_t blocks() const { return footer_.blocks.size(); }
  uint64_t created_us() const { return created_us_; }
  // Sequence number after the last entry; 0 where there is none.
  uint64_t next_seq() const;

 private:
  SegmentWriter(Fd file, std::string name, uint64_t seed)
      : file_(std::move(file)), name_(std::move(name)), seed_(seed) {}
  static Result<SegmentWriter> create_file(const StoreDir& store,
                                           const std::string& name,
                                           const FileHeader& header);
  Status take_up(const SegmentReader& segment);
  Result<bool> ends_in_footer(uint64_t tail_bytes) const;
  Status write_at_end(std::string_view bytes);
  Status sync_or_cut_back(uint64_t offset);
  void cut_back();

  Fd file_;
  std::string name_;
  uint64_t seed_;
  uint64_t bytes_ = 0;
  uint64_t created_us_ = 0;
  bool synced_per_block_ = true;
  SegmentFooter footer_{};
};

}  // namespace logfmt
