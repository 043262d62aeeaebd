#include "format/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace logfmt {

void Fd::reset(int fd) {
  if (fd_ >= 0) (void)close(fd_);
  fd_ = fd;
}

Result<Fd> open_at(int dir_fd, const std::string& name, int flags,
                   mode_t mode) {
  const int fd = openat(dir_fd, name.c_str(),
                        flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
  if (fd < 0) return fail_errno("cannot open " + name);
  return Fd(fd);
}

Result<uint64_t> file_bytes(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return fail_errno("cannot stat a store file");
  return static_cast<uint64_t>(status.st_size);
}

Status pread_up_to(int fd, uint64_t offset, size_t count, std::string& out) {
  out.resize(count);
  size_t done = 0;
  while (done < count) {
    const ssize_t got = pread(fd, out.data() + done, count - done,
                              static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read a store file");
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  out.resize(done);
  return {};
}

Status pread_exactly(int fd, uint64_t offset, size_t count, std::string& out) {
  LOGD_RETURN_IF_ERROR(pread_up_to(fd, offset, count, out));
  if (out.size() < count) {
    return fail(ErrorCode::kTruncated, "the file ends too early",
                offset + out.size());
  }
  return {};
}

Status pwrite_all(int fd, uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done =
        pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done == 0) errno = EIO;  // no progress: never try for ever
    if (done <= 0) return fail_errno("cannot write a store file");
    bytes.remove_prefix(static_cast<size_t>(done));
    offset += static_cast<uint64_t>(done);
  }
  return {};
}

Status pwrite_all(int fd, uint64_t offset,
                  std::span<const std::string_view> pieces) {
  std::array<iovec, kPiecesMax> parts;
  pieces = pieces.first(std::min(pieces.size(), kPiecesMax));
  std::transform(pieces.begin(), pieces.end(), parts.begin(),
                 [](std::string_view piece) {
                   return iovec{const_cast<char*>(piece.data()), piece.size()};
                 });
  ssize_t done = 0;
  do {
    done = pwritev(fd, parts.data(), static_cast<int>(pieces.size()),
                   static_cast<off_t>(offset));
  } while (done < 0 && errno == EINTR);
  if (done < 0) return fail_errno("cannot write a store file");
  // What one call did not take is written piece by piece.
  auto left = static_cast<size_t>(done);
  for (std::string_view piece : pieces) {
    const size_t written = std::min(left, piece.size());
    left -= written;
    LOGD_RETURN_IF_ERROR(
        pwrite_all(fd, offset + written, piece.substr(written)));
    offset += piece.size();
  }
  return {};
}

Status sync_data(int fd) {
  if (fdatasync(fd) != 0) return fail_errno("fdatasync failed");
  return {};
}

Status sync_all(int fd) {
  if (fsync(fd) != 0) return fail_errno("fsync failed");
  return {};
}

}  // namespace logfmt
