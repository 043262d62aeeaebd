// Opens a segment and knows its blocks.
//
// A sealed segment is opened by its footer. Without a footer that checks, the
// block headers are walked; what does not check on the way is a gap, and the
// walk goes on at the next block header that does. Thread-safe once open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "format/block_reader.h"
#include "format/file.h"
#include "format/file_header.h"
#include "format/gap.h"
#include "format/segment_footer.h"

namespace logfmt {

class SegmentReader {
 public:
  static Result<SegmentReader> open(int dir_fd, const std::string& name,
                                    const Id128& store);

  const std::string& name() const { return name_; }
  int fd() const { return file_.get(); }
  const FileHeader& header() const { return header_; }
  bool sealed() const { return sealed_; }
  const std::vector<BlockRef>& blocks() const { return footer_.blocks; }
  // Name tables; empty for an unsealed segment.
  const SegmentFooter& footer() const { return footer_; }
  // Damage met while opening.
  const std::vector<Gap>& gaps() const { return gaps_; }
  // Offset behind the last block that checks.
  uint64_t valid_bytes() const { return valid_bytes_; }
  // Bytes behind it that do not: a block or a footer that a dead writer did not
  // finish, or damage. Only the file after this one tells which: where its
  // first entry is not next_seq(), entries are missing.
  uint64_t tail_bytes() const { return file_bytes_ - valid_bytes_; }
  // Where the tail begins with a block of which only the header checks: the
  // gap that it leaves, unless its entries are in a WAL yet.
  const std::optional<Gap>& unfinished() const { return unfinished_; }
  // The first number that is not this file's. Of a rewritten segment that is
  // what its header says, of others the number after the last entry.
  uint64_t next_seq() const;

  // Who takes how much: from the footer, or by reading everything.
  Result<UnitUses> unit_uses() const;

  Result<BlockReader> read_block(size_t index) const;
  // Only its strings part, as BlockReader::read_strings().
  Result<std::string> read_strings(size_t index) const;
  // The gap that an unreadable block leaves.
  Gap block_gap(size_t index, const std::string& cause) const;

 private:
  SegmentReader(Fd file, std::string name, const FileHeader& header);
  Status load_footer();
  uint64_t walked_seq() const;
  void note_lost_end();
  Status walk();
  void take(BlockRef block);
  void leave_unfinished();
  Result<BlockRef> block_at(uint64_t offset) const;
  Result<BlockRef> find_block(uint64_t from) const;
  bool ends_with_trailer() const;

  Fd file_;
  std::string name_;
  FileHeader header_;
  uint64_t seed_;
  uint64_t file_bytes_ = 0;
  bool sealed_ = false;
  bool lost_footer_ = false;  // it was sealed once
  SegmentFooter footer_{};
  std::vector<Gap> gaps_;
  std::optional<Gap> unfinished_{};
  uint64_t valid_bytes_ = 0;
};

}  // namespace logfmt
