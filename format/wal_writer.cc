#include "format/wal_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/store_dir.h"

namespace logfmt {
namespace {

// Beyond what was reserved at the beginning.
constexpr uint64_t kReserveBytes = 1 << 20;

}  // namespace

WalWriter::WalWriter(Fd file, std::string name, const FileHeader& identity)
    : file_(std::move(file)), name_(std::move(name)), identity_(identity) {}

Result<WalWriter> WalWriter::create(int dir_fd, const FileHeader& identity) {
  return create_named(dir_fd, wal_name(identity.first_seq), identity);
}

Result<WalWriter> WalWriter::create_aside(int dir_fd,
                                          const FileHeader& identity) {
  return create_named(dir_fd, aside_name(wal_name(identity.first_seq)),
                      identity);
}

Status WalWriter::take_place(int dir_fd) {
  const std::string name = wal_name(identity_.first_seq);
  if (renameat(dir_fd, name_.c_str(), dir_fd, name.c_str()) != 0) {
    return fail_errno("cannot rename " + name_);
  }
  name_ = name;
  return {};
}

void WalWriter::discard(int dir_fd) const {
  (void)unlinkat(dir_fd, name_.c_str(), 0);
}

Result<WalWriter> WalWriter::resume(int dir_fd, const FileHeader& identity,
                                    uint64_t bytes) {
  const std::string name = wal_name(identity.first_seq);
  auto file = open_at(dir_fd, name, O_RDWR);
  if (!file) return fail(std::move(file.error()));
  if (ftruncate(file->get(), static_cast<off_t>(bytes)) != 0) {
    return fail_errno("cannot cut the torn end of " + name);
  }
  WalWriter writer(std::move(*file), name, identity);
  writer.bytes_ = bytes;
  writer.reserved_bytes_ = bytes;
  return writer;
}

Result<WalWriter> WalWriter::create_named(int dir_fd, std::string name,
                                          const FileHeader& identity) {
  auto file = open_at(dir_fd, name, O_RDWR | O_CREAT | O_EXCL);
  if (!file) return fail(std::move(file.error()));
  WalWriter writer(std::move(*file), name, identity);
  auto status = writer.reserve(kWalBytes);
  if (status) status = pwrite_all(writer.fd(), 0, identity.encode());
  if (!status) {
    writer.discard(dir_fd);
    return fail(std::move(status.error()));
  }
  writer.bytes_ = kFileHeaderBytes;
  return writer;
}

Status WalWriter::reserve(uint64_t bytes) {
  if (bytes <= reserved_bytes_) return {};
  const auto from = static_cast<off_t>(reserved_bytes_);
  const auto length = static_cast<off_t>(bytes - reserved_bytes_);
  while (fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, from, length) != 0) {
    if (errno == EINTR) continue;
    // Some file systems cannot reserve; there a full disk shows on writing.
    if (errno == EOPNOTSUPP) break;
    return fail_errno("cannot reserve space for " + name_);
  }
  reserved_bytes_ = bytes;
  return {};
}

Status WalWriter::append(std::span<const std::string_view> frames) {
  uint64_t end = bytes_;
  for (const std::string_view frame : frames) end += frame.size();
  if (end > kWalFileBytesMax) {
    return fail(ErrorCode::kLimit, name_ + " is full; begin another file");
  }
  if (end > reserved_bytes_) {
    LOGD_RETURN_IF_ERROR(
        reserve(std::max(reserved_bytes_ + kReserveBytes, end)));
  }
  auto status = pwrite_all(file_.get(), bytes_, frames);
  if (!status) {
    // A part may be there; no reader may see it before the next try.
    [[maybe_unused]] const int cut =
        ftruncate(file_.get(), static_cast<off_t>(bytes_));
    reserved_bytes_ = bytes_;  // cutting the file gave the reserve back
    return status;
  }
  bytes_ = end;
  return {};
}

Status WalWriter::close(const FrameHeader& stamp) {
  const std::string frame =
      encode_end_frame(stamp, checksum_seed(identity_.store));
  LOGD_RETURN_IF_ERROR(append(frame));
  if (ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0) {
    return fail_errno("cannot give back the reserve of " + name_);
  }
  return {};
}

}  // namespace logfmt
