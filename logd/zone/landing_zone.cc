#include "logd/zone/landing_zone.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "format/limits.h"
#include "logd/zone/frame_ring.h"

namespace logd {
namespace {

static_assert(std::is_trivially_copyable_v<ZoneCommit>);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

// Changes with the layout; a keeper of another version begins anew.
constexpr uint64_t kMagic = 0x326e7a646c676f6c;
constexpr size_t kPageBytes = 4096;
// The largest slot that the system lets us have address space for.
constexpr std::array<size_t, 3> kSlotBytes{logfmt::kEntryBytesMax, 1 << 20,
                                           256 << 10};
// Slots at equal distances of a power of two would fight for the same lines of
// the caches.
constexpr size_t kSlotSkewBytes = kPageBytes + 320;
// Always there (make_resident). Longer datagrams take the risk for the rest.
constexpr size_t kResidentBytes = 2 * kPageBytes;
constexpr size_t kRingBytes = 32 << 20;
constexpr uint32_t kUnset = UINT32_MAX;
// No count of bytes or entries gets there.
constexpr uint64_t kCountMax = uint64_t{1} << 62;

static_assert(kRingBytes >= logfmt::kFrameBodyBytesMax);

struct Receive {
  std::array<mmsghdr, LandingZone::kDatagrams + 1> headers;
  std::array<iovec, LandingZone::kDatagrams + 1> buffers;
  std::array<std::array<char, LandingZone::kControlBytes>,
             LandingZone::kDatagrams + 1>
      controls;
};

constexpr size_t pages(size_t bytes) {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

constexpr size_t kReceiveAt = pages(sizeof(ZoneState));
constexpr size_t kBiteAt = kReceiveAt + pages(sizeof(Receive));
constexpr size_t kRingAt = kBiteAt + LandingZone::kBiteBytes;
constexpr size_t kHeadsAt = kRingAt + kRingBytes;
constexpr size_t kSlotsAt =
    kHeadsAt + pages(sizeof(StreamHead) * kStreamPlaces);

size_t text_bytes(size_t line_bytes) {
  return pages(kStreamHeaderBytesMax + line_bytes);
}

size_t slots_bytes(size_t slot_bytes) {
  return pages(LandingZone::kDatagrams * (slot_bytes + kSlotSkewBytes));
}

size_t zone_bytes(size_t slot_bytes, size_t line_bytes) {
  return kSlotsAt + slots_bytes(slot_bytes) +
         kStreamPlaces * text_bytes(line_bytes);
}

Receive& receive_of(char* base) {
  return *reinterpret_cast<Receive*>(base + kReceiveAt);
}

bool is_position(uint64_t position) {
  return position <= kCountMax && position % FrameRing::kAlignment == 0;
}

}  // namespace

logfmt::Result<LandingZone> LandingZone::create(size_t line_bytes_max) {
  const size_t line_bytes = std::max(line_bytes_max, kStreamLineBytesMin);
  for (const size_t slot_bytes : kSlotBytes) {
    logfmt::Fd memory(memfd_create("logd-zone", MFD_CLOEXEC));
    if (!memory.valid()) return logfmt::fail_errno("cannot make shared memory");
    if (ftruncate(memory.get(), static_cast<off_t>(
                                    zone_bytes(slot_bytes, line_bytes))) != 0) {
      return logfmt::fail_errno("cannot make shared memory");
    }
    auto zone = map(std::move(memory), slot_bytes, line_bytes);
    if (!zone) continue;
    ZoneState& state = zone->state();
    state.slot_bytes = slot_bytes;
    state.line_bytes = line_bytes;
    state.lock_fd = -1;
    state.loop_fd = -1;
    for (HeldSocket& socket : state.sockets) socket.fd = -1;
    for (ZoneCommit& commit : state.commits) {
      commit = ZoneCommit{};
      commit.stream.place = StreamChange::kNone;
    }
    state.magic = kMagic;
    return zone;
  }
  return logfmt::fail_errno("no address space for receive buffers");
}

logfmt::Result<LandingZone> LandingZone::attach(logfmt::Fd memory) {
  std::string bytes;
  LOGD_RETURN_IF_ERROR(
      logfmt::pread_exactly(memory.get(), 0, 3 * sizeof(uint64_t), bytes));
  std::array<uint64_t, 3> first{};
  std::memcpy(first.data(), bytes.data(), sizeof first);
  const auto [magic, slot_bytes, line_bytes] = first;
  const auto size = logfmt::file_bytes(memory.get());
  if (magic != kMagic || !size ||
      std::find(kSlotBytes.begin(), kSlotBytes.end(), slot_bytes) ==
          kSlotBytes.end() ||
      line_bytes > logfmt::kEntryBytesMax ||
      *size != zone_bytes(slot_bytes, line_bytes)) {
    return logfmt::fail(logfmt::ErrorCode::kUnsupported,
                        "the landing zone is of another version of logd");
  }
  return map(std::move(memory), slot_bytes, line_bytes);
}

logfmt::Result<LandingZone> LandingZone::map(logfmt::Fd memory,
                                             size_t slot_bytes,
                                             size_t line_bytes) {
  const size_t bytes = zone_bytes(slot_bytes, line_bytes);
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_NORESERVE, memory.get(), 0);
  if (base == MAP_FAILED) return logfmt::fail_errno("cannot map memory");
  // Nobody's messages belong into a core file.
  (void)madvise(base, bytes, MADV_DONTDUMP);
  return LandingZone(std::move(memory), static_cast<char*>(base), slot_bytes,
                     line_bytes);
}

LandingZone::LandingZone(logfmt::Fd memory, char* base, size_t slot_bytes,
                         size_t line_bytes)
    : memory_(std::move(memory)),
      base_(base),
      slot_bytes_(slot_bytes),
      line_bytes_(line_bytes),
      state_(reinterpret_cast<ZoneState*>(base)),
      next_(std::make_unique<ZoneCommit>()) {
  point_headers();
  begin_worker();
}

void LandingZone::begin_worker() {
  make_resident();
  point_headers();
  for (ZoneCommit& record : state_->commits) {
    if (!record.drops.valid()) record.drops = {};
    if (record.next_seq > kCountMax) record.next_seq = 0;
  }
  ZoneCommit& last = state_->commits[state_->current & 1];
  if (!is_position(last.ring_head) || !is_position(state_->ring_tail)) {
    last.ring_head = 0;
    state_->ring_tail = 0;
  }
  *next_ = last;
}

// Each process has to find the pages for itself. The kernel must not have to
// while it copies a datagram: a process that is being killed finds none, and
// the datagram, which has left its socket by then, would be gone.
void LandingZone::make_resident() {
  const auto touch = [](std::span<char> part) {
    if (mlock(part.data(), part.size()) == 0) return;
    for (size_t at = 0; at < part.size(); at += kPageBytes) {
      volatile char& byte = part[at];
      byte = byte;
    }
  };
  touch({base_, kBiteAt + kBiteBytes});
  for (size_t i = 0; i < kDatagrams; ++i) touch(slot(i).first(kResidentBytes));
}

LandingZone::LandingZone(LandingZone&& other) noexcept
    : memory_(std::move(other.memory_)),
      base_(std::exchange(other.base_, nullptr)),
      slot_bytes_(other.slot_bytes_),
      line_bytes_(other.line_bytes_),
      state_(other.state_),
      next_(std::move(other.next_)) {}

LandingZone::~LandingZone() {
  if (base_ != nullptr)
    (void)munmap(base_, zone_bytes(slot_bytes_, line_bytes_));
}

// The pointers are those of this mapping; lengths are left as they are.
void LandingZone::point_headers() {
  Receive& receive = receive_of(base_);
  for (size_t i = 0; i <= kDatagrams; ++i) {
    const std::span<char> buffer = i < kDatagrams ? slot(i) : bite();
    receive.buffers[i] = {buffer.data(), buffer.size()};
    msghdr& header = receive.headers[i].msg_hdr;
    header.msg_name = nullptr;
    header.msg_namelen = 0;
    header.msg_iov = &receive.buffers[i];
    header.msg_iovlen = 1;
    header.msg_control = receive.controls[i].data();
  }
}

std::span<mmsghdr, LandingZone::kDatagrams> LandingZone::headers() {
  return std::span(receive_of(base_).headers).first<kDatagrams>();
}

mmsghdr& LandingZone::bite_header() {
  return receive_of(base_).headers[kDatagrams];
}

std::span<const char> LandingZone::control(size_t index) const {
  const Receive& receive = receive_of(base_);
  const size_t bytes = receive.headers[index].msg_hdr.msg_controllen;
  return std::span(receive.controls[index])
      .first(std::min(bytes, kControlBytes));
}

std::span<char> LandingZone::slot(size_t index) {
  return {base_ + kSlotsAt + index * (slot_bytes_ + kSlotSkewBytes),
          slot_bytes_};
}

std::span<char> LandingZone::bite() { return {base_ + kBiteAt, kBiteBytes}; }

std::span<char> LandingZone::ring() { return {base_ + kRingAt, kRingBytes}; }

StreamHead& LandingZone::stream(size_t index) {
  return reinterpret_cast<StreamHead*>(base_ + kHeadsAt)[index];
}

std::span<char> LandingZone::stream_text(size_t index) {
  const size_t bytes = text_bytes(line_bytes_);
  return {base_ + kSlotsAt + slots_bytes(slot_bytes_) + index * bytes, bytes};
}

void LandingZone::discard(std::span<char> part) {
  const auto from = static_cast<size_t>(part.data() - base_);
  const size_t begin = pages(from);
  const size_t end = (from + part.size()) / kPageBytes * kPageBytes;
  if (begin >= end) return;
  (void)fallocate(memory_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(begin), static_cast<off_t>(end - begin));
}

void LandingZone::arm(BatchKind kind, size_t control_bytes, uint32_t place) {
  state_->armed_batch.store(0, std::memory_order_release);
  Receive& receive = receive_of(base_);
  const bool bite = kind == BatchKind::kStream;
  for (size_t i = bite ? kDatagrams : 0; i < kDatagrams + (bite ? 1 : 0); ++i) {
    receive.headers[i].msg_len = kUnset;
    receive.headers[i].msg_hdr.msg_controllen = control_bytes;
  }
  state_->armed_kind = kind;
  state_->armed_place = place;
  state_->attempts = 0;
  next_->batch = committed().batch + 1;
  next_->taken = 0;
  state_->armed_batch.store(next_->batch, std::memory_order_release);
}

void LandingZone::resume() {
  const ZoneCommit& last = committed();
  next_->batch = state_->armed_batch;
  next_->taken = next_->batch == last.batch ? last.taken : 0;
}

bool LandingZone::batch_is_open() const {
  const uint64_t armed = state_->armed_batch;
  const ZoneCommit& last = committed();
  if (armed == last.batch + 1) return received() > 0;
  return armed != 0 && armed == last.batch && last.taken < received();
}

size_t LandingZone::received() const {
  const Receive& receive = receive_of(base_);
  if (state_->armed_kind == BatchKind::kStream) {
    return receive.headers[kDatagrams].msg_len == kUnset ? 0 : 1;
  }
  size_t count = 0;
  while (count < kDatagrams && receive.headers[count].msg_len != kUnset) {
    ++count;
  }
  return count;
}

void LandingZone::commit() {
  const uint32_t other = 1 - (state_->current.load() & 1);
  ZoneCommit& record = state_->commits[other];
  // The table of drops is large and nearly always empty.
  std::memcpy(static_cast<void*>(&record), next_.get(),
              offsetof(ZoneCommit, drops));
  if (!next_->drops.empty() || !record.drops.empty()) {
    record.drops = next_->drops;
  }
  state_->current.store(other, std::memory_order_release);
}

const ZoneCommit& LandingZone::committed() const {
  return state_->commits[state_->current.load(std::memory_order_acquire) & 1];
}

}  // namespace logd
