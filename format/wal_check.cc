#include "format/wal_check.h"

#include "format/checksum.h"

namespace logfmt {
namespace {

// Frames whose padding is not zero; all of [begin, end) are known to check.
Status check_paddings(const WalReader& wal, uint64_t end,
                      std::vector<Gap>& gaps) {
  const uint64_t seed = checksum_seed(wal.header().store);
  std::string bytes;
  uint64_t at = kFileHeaderBytes;
  while (at < end) {
    LOGD_RETURN_IF_ERROR(pread_up_to(wal.fd(), at, kFrameHeaderBytes, bytes));
    const auto frame = decode_frame_header(bytes, seed);
    if (!frame) return {};  // cut in the meantime, or told as a gap already
    const uint64_t used = kFrameHeaderBytes + frame->body_bytes;
    const uint64_t next = at + frame->frame_bytes();
    LOGD_RETURN_IF_ERROR(
        pread_up_to(wal.fd(), at + used, next - at - used, bytes));
    if (bytes.find_first_not_of('\0') != std::string::npos) {
      gaps.push_back({.file = wal.name(),
                      .begin = at,
                      .end = next,
                      .cause = "the padding of a frame is not zero; no entry "
                               "is lost"});
    }
    at = next;
  }
  return {};
}

}  // namespace

Result<FileCheck> check_wal(WalReader& wal, const StoreFile& file) {
  FileCheck result{.name = file.name,
                   .kind = StoreFileKind::kWal,
                   .first_seq = file.first_seq,
                   .next_seq = file.first_seq};
  if (auto status = wal.refresh(); !status) {
    if (is_readers_trouble(status.error())) {
      return fail(std::move(status.error()));
    }
    result.gaps.push_back({.file = file.name,
                           .first_seq = file.first_seq,
                           .cause = status.error().message()});
    return result;
  }
  if (wal.header().first_seq != file.first_seq) {
    result.gaps.push_back({.file = file.name,
                           .cause = "the file was renamed: its first entry is "
                                    "another"});
  }
  for (EntryView entry; wal.next(entry);) ++result.entries;
  result.next_seq = wal.next_seq();
  for (Gap& gap : wal.take_gaps()) {
    if (gap.last_seq) {
      result.next_seq = std::max(result.next_seq, *gap.last_seq + 1);
    }
    result.gaps.push_back(std::move(gap));
  }
  if (wal.open_gap()) result.gaps.push_back(*wal.open_gap());
  result.closed = wal.closed();
  result.tail_begin = wal.valid_bytes();
  result.tail_bytes = wal.tail_bytes();
  if (result.closed && result.tail_bytes > 0) {
    result.gaps.push_back({.file = file.name,
                           .begin = result.tail_begin,
                           .end = result.tail_begin + result.tail_bytes,
                           .cause = "there are bytes behind the end frame; no "
                                    "entry is lost"});
  }
  LOGD_RETURN_IF_ERROR(check_paddings(wal, result.tail_begin, result.gaps));
  return result;
}

}  // namespace logfmt
