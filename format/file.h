// Descriptors and whole reads and writes. Always pread, never mmap: a file
// that somebody truncates must be an error, not a SIGBUS.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "format/result.h"

namespace logfmt {

// Owns a descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// A file of a store directory. O_CLOEXEC, O_NOFOLLOW and O_NONBLOCK are always
// added: a symlink is refused, and a FIFO of that name cannot stop the opener.
Result<Fd> open_at(int dir_fd, const std::string& name, int flags,
                   mode_t mode = 0640);

Result<uint64_t> file_bytes(int fd);

// Replaces `out` with up to `count` bytes; fewer only at the end of the file.
Status pread_up_to(int fd, uint64_t offset, size_t count, std::string& out);
// As above, but an early end is kTruncated.
Status pread_exactly(int fd, uint64_t offset, size_t count, std::string& out);
// Writes all of it, however often the kernel takes less.
Status pwrite_all(int fd, uint64_t offset, std::string_view bytes);
// One piece after the other, kPiecesMax at most.
inline constexpr size_t kPiecesMax = 256;
Status pwrite_all(int fd, uint64_t offset,
                  std::span<const std::string_view> pieces);

// fdatasync; the caller must not believe a second try after a failure.
Status sync_data(int fd);
// fsync, for directories and for files whose size or name is new.
Status sync_all(int fd);

}  // namespace logfmt
