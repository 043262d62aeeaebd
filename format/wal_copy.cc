#include "format/wal_copy.h"

#include <string>
#include <vector>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/wal_frame.h"

namespace logfmt {
namespace {

struct FoundFrame {
  uint64_t first_seq = 0;
  bool starts_epoch = false;
  std::string_view bytes{};
};

// The frames that check. A header that does not ends the search: where the
// next frame would begin, nothing says.
std::vector<FoundFrame> find_frames(std::string_view bytes, uint64_t seed,
                                    uint64_t& lost_bytes) {
  std::vector<FoundFrame> frames;
  while (!bytes.empty()) {
    const auto header = decode_frame_header(bytes, seed);
    if (!header || header->frame_bytes() > bytes.size()) break;
    const auto frame = bytes.substr(0, header->frame_bytes());
    const auto body = frame.substr(kFrameHeaderBytes, header->body_bytes);
    if (checksum(body, seed) == header->body_checksum) {
      frames.push_back({header->first_seq, header->starts_epoch, frame});
    } else {
      lost_bytes += frame.size();
    }
    bytes.remove_prefix(frame.size());
  }
  lost_bytes += bytes.size();
  return frames;
}

size_t epoch_of(const std::vector<FoundFrame>& frames, uint64_t seq) {
  size_t epoch = 0;
  for (size_t i = 0; i < frames.size() && frames[i].first_seq <= seq; ++i) {
    if (frames[i].starts_epoch) epoch = i;
  }
  return epoch;
}

}  // namespace

Result<WalCopy> copy_wal_end(int dir_fd, const WalWriter& failed,
                             uint64_t durable_seq) {
  std::string bytes;
  LOGD_RETURN_IF_ERROR(pread_exactly(failed.fd(), kFileHeaderBytes,
                                     failed.bytes() - kFileHeaderBytes, bytes));
  FileHeader identity = failed.identity();
  uint64_t lost_bytes = 0;
  const auto frames =
      find_frames(bytes, checksum_seed(identity.store), lost_bytes);
  const size_t begin = epoch_of(frames, durable_seq);
  if (begin < frames.size() && begin > 0) {
    identity.first_seq = frames[begin].first_seq;
  }
  auto copy = WalWriter::create_aside(dir_fd, identity);
  if (!copy) return fail(std::move(copy.error()));
  Status status;
  for (size_t i = begin; i < frames.size() && status; ++i) {
    status = copy->append(frames[i].bytes);
  }
  if (status) status = sync_all(copy->fd());
  if (!status) {
    copy->discard(dir_fd);
    return fail(std::move(status.error()));
  }
  return WalCopy{std::move(*copy), lost_bytes};
}

}  // namespace logfmt
