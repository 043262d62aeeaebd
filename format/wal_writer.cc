#include "format/wal_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/store_dir.h"

namespace logfmt {

WalWriter::WalWriter(Fd file, std::string name, const FileHeader& identity)
    : file_(std::move(file)), name_(std::move(name)), identity_(identity) {}

Result<WalWriter> WalWriter::create(int dir_fd, const FileHeader& identity) {
  const std::string name = wal_name(identity.first_seq);
  auto file = open_at(dir_fd, name, O_RDWR | O_CREAT | O_EXCL);
  if (!file) return fail(std::move(file.error()));
  WalWriter writer(std::move(*file), name, identity);
  auto status = writer.reserve(kWalBytes);
  if (status) status = pwrite_all(writer.fd(), 0, identity.encode());
  if (!status) {
    (void)unlinkat(dir_fd, name.c_str(), 0);
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

Status WalWriter::append(std::string_view frame) {
  if (bytes_ + frame.size() > kWalFileBytesMax) {
    return fail(ErrorCode::kLimit, name_ + " is full; begin another file");
  }
  if (bytes_ + frame.size() > reserved_bytes_) {
    LOGD_RETURN_IF_ERROR(reserve(
        std::max(reserved_bytes_ + kWalEpochBytes, bytes_ + frame.size())));
  }
  auto status = pwrite_all(file_.get(), bytes_, frame);
  if (!status) {
    // A part may be there; no reader may see it before the next try.
    [[maybe_unused]] const int cut =
        ftruncate(file_.get(), static_cast<off_t>(bytes_));
    reserved_bytes_ = bytes_;  // cutting the file gave the reserve back
    return status;
  }
  bytes_ += frame.size();
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
