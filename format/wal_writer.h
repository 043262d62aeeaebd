// Writes one WAL file: frames, each by one pwrite, into reserved space.
//
// Space is reserved ahead (fallocate, size kept), so a full disk shows when
// the file is made or grown and not in the middle of a row. Frames that were
// written survive the death of the process; sync_data(fd()) makes them survive
// the machine's. A writer never appends to a file that it did not create.
//
// One thread appends. sync_data() may run in another thread meanwhile.
#pragma once

#include <cstdint>
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

  // Appends one finished frame. On failure the file is as before the call, as
  // far as readers can tell, and the frame may be tried again. Whoever drops
  // it instead has to start an epoch, for contexts may have been said in it.
  Status append(std::string_view frame);
  // An end frame with this stamp, whose first_seq is the next entry's number;
  // then the unused reserve is given back.
  Status close(const FrameHeader& stamp);

  int fd() const { return file_.get(); }
  const std::string& name() const { return name_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t first_seq() const { return identity_.first_seq; }

 private:
  WalWriter(Fd file, std::string name, const FileHeader& identity);
  Status reserve(uint64_t bytes);

  Fd file_;
  std::string name_;
  FileHeader identity_;
  uint64_t bytes_ = 0;
  uint64_t reserved_bytes_ = 0;
};

}  // namespace logfmt
