#include "logd/intake/kmsg_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "logd/clock.h"

namespace logd {
namespace {

// The kernel hands out one record per read, never longer than this.
constexpr size_t kRecordBytesMax = 8192;
constexpr int kRecordsPerRound = 256;

// What the position file holds.
struct Position {
  std::array<uint8_t, 16> boot;
  uint64_t next_seq;
};

}  // namespace

logfmt::Result<std::unique_ptr<KmsgReader>> KmsgReader::open(
    const std::filesystem::path& runtime_dir, const logfmt::Id128& boot_id,
    EntrySink& sink) {
  logfmt::Fd kmsg(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!kmsg.valid()) return logfmt::fail_errno("cannot open /dev/kmsg");
  const std::string path = runtime_dir / "kernel-seqnum";
  logfmt::Fd position(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!position.valid()) return logfmt::fail_errno("cannot open " + path);
  Open open{std::move(kmsg), std::move(position), boot_id};
  return std::make_unique<KmsgReader>(Key{}, std::move(open), sink);
}

KmsgReader::KmsgReader(Key, Open open, EntrySink& sink)
    : kmsg_(std::move(open.kmsg)),
      position_(std::move(open.position)),
      boot_id_(open.boot_id),
      sink_(sink) {
  Position stored{};
  if (pread(position_.get(), &stored, sizeof stored, 0) == sizeof stored &&
      stored.boot == boot_id_.bytes) {
    next_seq_ = stored.next_seq;
  }
  // A worker that died between the two knew better.
  next_seq_ = std::max(next_seq_, sink_.zone().committed().kmsg_next_seq);
}

void KmsgReader::on_ready() {
  for (int i = 0; i < kRecordsPerRound && take_record(); ++i) {
  }
  sink_.zone().next().kmsg_next_seq = next_seq_;
  // In the store first: a record that is read twice is better than none.
  sink_.commit();
  const Position position{.boot = boot_id_.bytes, .next_seq = next_seq_};
  (void)!pwrite(position_.get(), &position, sizeof position, 0);
}

bool KmsgReader::take_record() {
  std::array<char, kRecordBytesMax> bytes;
  const ssize_t got = read(kmsg_.get(), bytes.data(), bytes.size());
  // EPIPE: records were overwritten; the next read gives the oldest left.
  if (got < 0) return errno == EPIPE || errno == EINTR;
  const std::string_view line(bytes.data(), static_cast<size_t>(got));
  if (!parse_kmsg(line, record_)) return true;
  if (record_.seq < next_seq_) return true;
  if (next_seq_ > 0 && record_.seq > next_seq_) {
    report_missed(record_.seq - next_seq_);
  }
  next_seq_ = record_.seq + 1;
  // The kernel's time of the record, which may be long before its reading.
  const uint64_t stamp_us =
      realtime_us() - monotonic_us() + record_.monotonic_us;
  Sender& kernel =
      sink_.sender({.pid = 0, .uid = kNoUser, .gid = kNoUser}, stamp_us);
  sink_.store(record_.message,
              sink_.context(kernel, {.transport = "kernel",
                                     .identifier = record_.message.identifier,
                                     .facility = record_.message.facility}),
              stamp_us, 0);
  return true;
}

void KmsgReader::report_missed(uint64_t count) {
  sink_.refuse(DropCause::kKmsgOverrun, {count, 0});
}

}  // namespace logd
