// Reads one WAL file, while it is being written or afterwards.
//
// refresh() takes in what the file has gained; next() walks the rows. Damage
// in the middle becomes a gap, and reading goes on at the next frame that
// checks and whose contexts are known. A tail that does not check yet is left
// alone: a live writer may still be writing it.
//
// Views are valid until the next refresh(). One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "format/entry.h"
#include "format/file.h"
#include "format/file_header.h"
#include "format/gap.h"
#include "format/wal_frame.h"

namespace logfmt {

class WalReader {
 public:
  static Result<WalReader> open(int dir_fd, const std::string& name,
                                const Id128& store);

  const FileHeader& header() const { return header_; }
  const std::string& name() const { return name_; }
  int fd() const { return file_.get(); }

  // So much of a file is enough to have in memory at a time, or a frame if that
  // is more.
  static constexpr uint64_t kWindowBytes = 512 << 10;

  // Takes in at most so many bytes more; behind() tells whether there are
  // others. kLimit where the file is longer than any writer makes it.
  Status refresh(uint64_t bytes_max = UINT64_MAX);
  bool behind() const { return !closed_ && read_end() < file_bytes_; }
  // The next entry; false when there is none (yet).
  bool next(EntryView& entry);

  // The number after the last entry, as the end frame has it with which a
  // closed file ends; nothing where the file ends otherwise. Tells nothing
  // about what comes before.
  std::optional<uint64_t> end_seq() const;
  // The writer has said that it is done with this file, and all was read.
  bool closed() const { return closed_; }
  // Sequence number after the last entry that was read.
  uint64_t next_seq() const { return next_seq_; }
  uint64_t last_batch_id() const { return last_batch_id_; }
  // Offset behind the last frame that checked.
  uint64_t valid_bytes() const { return base_ + position_; }
  // Bytes behind it that do not (torn tail, or a frame being written).
  uint64_t tail_bytes() const { return buffer_.size() - position_; }

  // Gaps with both ends known, each once.
  std::vector<Gap> take_gaps();
  // Damage after which nothing could be read yet. Where the file has no writer
  // any more this is a gap too, up to valid_bytes().
  const std::optional<Gap>& open_gap() const { return open_gap_; }

 private:
  WalReader(Fd file, std::string name, const FileHeader& header);

  Status read_on(uint64_t bytes_max);
  uint64_t read_end() const { return base_ + buffer_.size(); }
  bool next_frame();
  void note_bytes_behind_end();
  bool open_frame(size_t at);
  bool resync();
  void note_gap(uint64_t begin, std::string cause);
  bool take_context(std::string_view fields);
  bool decode_row(uint64_t context_id, EntryView& entry);

  Fd file_;
  std::string name_;
  FileHeader header_;
  uint64_t seed_;
  std::string buffer_;
  uint64_t base_ = 0;    // file offset of buffer_[0]
  size_t position_ = 0;  // in buffer_: behind the current frame
  uint64_t file_bytes_ = 0;
  FrameHeader frame_{};
  std::string_view ops_;  // what is left of the current frame's body
  uint32_t rows_left_ = 0;
  std::deque<std::string> contexts_;    // kept: views point into them
  std::vector<size_t> epoch_contexts_;  // id -> index in contexts_
  bool contexts_known_ = true;
  std::optional<Gap> open_gap_;
  std::vector<Gap> gaps_;
  uint64_t next_seq_ = 0;
  uint64_t last_batch_id_ = 0;
  bool closed_ = false;
};

}  // namespace logfmt
