// Writes one WAL file: frames, as many by one write as there are, into reserved
// space.
//
// Space is reserved ahead (fallocate, size kept), so a full disk shows when
// the file is made or grown and not in the middle of a row. Frames that were
// written survive the death of the process; sync_data(fd()) makes them survive
// the machine's. A file of which it is not known how it ends is never appended
// to.
//
// One thread appends. sync_data() may run in another thread meanwhile.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "format/file.h"
#include "format/file_header.h"
#include "format/wal_frame.h"

namespace logfmt {

class WalWriter {
 public:
  // Creates the file <first_seq>.wal; kIo with ENOSPC where no space could be
  // reserved (nothing is left behind then).
  static Result<WalWriter> create(int dir_fd, const FileHeader& identity);

  // The same, but under a name that readers pass over until take_place(): what
  // has that name by then is replaced.
  static Result<WalWriter> create_aside(int dir_fd, const FileHeader& identity);
  Status take_place(int dir_fd);
  // Or removes it again.
  void discard(int dir_fd) const;
  // Goes on with a file whose first `bytes` check, as a reader has found; what
  // is behind them is cut off.
  static Result<WalWriter> resume(int dir_fd, const FileHeader& identity,
                                  uint64_t bytes);

  // Appends finished frames, kPiecesMax at most. On failure the file is as
  // before the call, as far as readers can tell, and the frames may be tried
  // again. Whoever drops them instead has to start an epoch, for contexts may
  // have been said in them.
  Status append(std::span<const std::string_view> frames);
  Status append(std::string_view frame) { return append(std::span(&frame, 1)); }
  // An end frame with this stamp, whose first_seq is the next entry's number;
  // then the unused reserve is given back.
  Status close(const FrameHeader& stamp);

  int fd() const { return file_.get(); }
  const std::string& name() const { return name_; }
  const FileHeader& identity() const { return identity_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t first_seq() const { return identity_.first_seq; }

 private:
  WalWriter(Fd file, std::string name, const FileHeader& identity);
  static Result<WalWriter> create_named(int dir_fd, std::string name,
                                        const FileHeader& identity);
  Status reserve(uint64_t bytes);

  Fd file_;
  std::string name_;
  FileHeader identity_;
  uint64_t bytes_ = 0;
  uint64_t reserved_bytes_ = 0;
};

}  // namespace logfmt
