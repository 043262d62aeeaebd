#include "logd/store/wal_thread.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/wal_copy.h"
#include "format/wal_frame.h"
#include "logd/clock.h"

namespace logd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// One write. More would only make a reader wait.
constexpr size_t kWriteBytesMax = 4 << 20;
constexpr milliseconds kRetryAfter{250};
// A write costs about what a thousand bytes in it do.
constexpr size_t kLittleBytes = 64 << 10;
constexpr milliseconds kRest{5};
constexpr milliseconds kCopyRetryMin{1'000};
constexpr milliseconds kCopyRetryMax{60'000};
constexpr milliseconds kLastTry{1'000};
constexpr milliseconds kRetryAtEnd{50};

bool is_whole(const RingFrame& frame, uint64_t seed) {
  if (frame.has(RingFrame::kEndsFile)) {
    return frame.bytes.empty() && frame.rows == 0;
  }
  const auto header = logfmt::decode_frame_header(frame.bytes, seed);
  if (!header || header->frame_bytes() != frame.bytes.size() ||
      header->first_seq != frame.first_seq || header->rows != frame.rows) {
    return false;
  }
  const auto body =
      frame.bytes.substr(logfmt::kFrameHeaderBytes, header->body_bytes);
  return logfmt::checksum(body, seed) == header->body_checksum;
}

bool is_full(const logfmt::Error& error) {
  return error.sys_errno == ENOSPC || error.sys_errno == EDQUOT ||
         error.sys_errno == EFBIG;
}

}  // namespace

// Neighbours in the ring that go to the same file.
struct WalThread::Batch {
  std::array<std::string_view, logfmt::kPiecesMax> frames{};
  size_t count = 0;
  size_t bytes = 0;
  uint64_t first_seq = 0;
  uint64_t next_seq = 0;
  uint64_t end = 0;  // the ring's position behind it
  bool urgent = false;

  bool takes(const RingFrame& frame) const {
    return count < frames.size() &&
           (count == 0 || bytes + frame.bytes.size() <= kWriteBytesMax);
  }
  void add(const RingFrame& frame) {
    if (count == 0) first_seq = frame.first_seq;
    frames[count++] = frame.bytes;
    bytes += frame.bytes.size();
    next_seq = frame.first_seq + frame.rows;
    end = frame.end;
    urgent = urgent || frame.has(RingFrame::kUrgent);
  }
};

WalThread::WalThread(const WalThreadParts& parts, OpenWal open,
                     uint64_t written_seq)
    : parts_(parts),
      ring_(parts.zone.ring(), parts.zone.state().ring_tail,
            parts.zone.committed().ring_head),
      head_(parts.zone.committed().ring_head),
      batch_(parts.zone.committed().batch),
      left_until_(head_),
      whole_until_(find_damage()),
      wal_(std::move(open)),
      next_seq_(written_seq),
      gauged_seq_(written_seq) {
  pass_over_written();
  if (wal_) {
    parts_.syncer.note_written(wal_, next_seq_, Urgency::kWithinInterval);
    if (parts_.zone.state().sync_failed != 0) {
      // The last worker came to know, and not to mend it.
      parts_.syncer.distrust({nullptr, wal_->first_seq()});
      parts_.syncer.distrust({wal_, next_seq_});
      failure_ = true;
    }
  }
  thread_ = std::thread([this] { run(); });
  parts_.syncer.set_on_failure([this] {
    const std::lock_guard lock(mutex_);
    parts_.zone.state().sync_failed = 1;
    failure_ = true;
    wake_.notify_one();
  });
}

WalThread::~WalThread() { stop(); }

// A worker that died because it wrote where it should not have may have been
// in the ring too.
uint64_t WalThread::find_damage() const {
  const ZoneCommit& last = parts_.zone.committed();
  const uint64_t seed = logfmt::checksum_seed(parts_.store.id());
  uint64_t position = ring_.tail();
  while (const auto frame = ring_.at(position, last.ring_head)) {
    const uint64_t end_seq = frame->first_seq + frame->rows;
    if (!is_whole(*frame, seed) || end_seq > last.next_seq) return position;
    position = frame->end;
  }
  return position;
}

std::optional<RingFrame> WalThread::frame_at(uint64_t position,
                                             uint64_t head) const {
  if (position >= whole_until_ && position < left_until_) return std::nullopt;
  return ring_.at(position, head);
}

// A worker may have died between writing frames and taking them out.
void WalThread::pass_over_written() {
  const uint64_t head = head_;
  while (const auto frame = frame_at(ring_.tail(), head)) {
    if (frame->rows == 0 || frame->first_seq >= next_seq_) return;
    ring_.take_out(frame->end);
  }
}

void WalThread::stop() {
  parts_.syncer.set_on_failure({});
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void WalThread::abandon() {
  leaves_open_ = true;
  stop();
}

void WalThread::wake() {
  const ZoneCommit& last = parts_.zone.committed();
  batch_ = last.batch;
  head_ = last.ring_head;
  // Most of the time it is at work and looks by itself.
  if (!asleep_.load()) return;
  const std::lock_guard lock(mutex_);
  wake_.notify_one();
}

bool WalThread::wait_written(uint64_t position, milliseconds patience) {
  std::unique_lock lock(mutex_);
  uint64_t seen = ring_.tail();
  while (ring_.tail() < position) {
    const bool moved = written_.wait_for(
        lock, patience, [&] { return ring_.tail() != seen || stopped_; });
    if (!moved || stopped_) return ring_.tail() >= position;
    seen = ring_.tail();
  }
  return true;
}

bool WalThread::work_waits() const { return ring_.tail() < head_; }

void WalThread::run() {
  std::unique_lock lock(mutex_);
  steady_clock::time_point retry_at{};
  while (true) {
    asleep_ = true;  // before the ring is looked at, or a wake would be missed
    const auto now = steady_clock::now();
    if (retry_at > now) {
      if (stopping_) retry_at = std::min(retry_at, now + kRetryAtEnd);
      wake_.wait_until(lock, retry_at);
    } else if (!work_waits() && !failure_due(now)) {
      if (stopping_) break;
      const auto ready = [this] {
        return stopping_ || work_waits() || failure_due(steady_clock::now());
      };
      if (failure_) {
        wake_.wait_until(lock, copy_at_, ready);
      } else {
        wake_.wait(lock, ready);
      }
    }
    asleep_ = false;
    lock.unlock();
    if (failure_due(steady_clock::now())) leave_failed_files();
    const auto status = write_some();
    lock.lock();
    written_.notify_all();
    if (status) {
      retry_at = {};
      trouble_ = DiskTrouble::kNone;
      rest(lock);
      continue;
    }
    note_trouble(status.error());
    retry_at = steady_clock::now() + kRetryAfter;
    if (!stopping_) continue;
    if (last_try_ == steady_clock::time_point{}) {
      last_try_ = steady_clock::now() + kLastTry;
    }
    if (steady_clock::now() > last_try_) break;
  }
  stopped_ = true;
  written_.notify_all();
  lock.unlock();
  if (wal_ && !work_waits() && !leaves_open_) close_file(next_seq_);
}

// Where little comes often, it is cheaper to let some of it gather.
void WalThread::rest(std::unique_lock<std::mutex>& lock) {
  const uint64_t written = next_seq_ - std::exchange(gauged_seq_, next_seq_);
  const bool busy = gauge_.is_busy(written, monotonic_us());
  if (!busy || stopping_ || last_write_bytes_ > kLittleBytes) return;
  wake_.wait_for(lock, kRest, [this] { return stopping_.load(); });
}

// All that goes into one file, by one write.
logfmt::Status WalThread::write_some() {
  const uint64_t head = head_;
  Batch batch;
  uint64_t position = ring_.tail();
  while (auto frame = frame_at(position, head)) {
    const bool begins =
        frame->has(RingFrame::kBeginsFile) && !is_fresh(frame->first_seq);
    const bool ends = frame->has(RingFrame::kEndsFile);
    if ((begins || ends || !batch.takes(*frame)) && batch.count > 0) break;
    if (begins) close_file(frame->first_seq);
    if (ends) {
      close_file(frame->first_seq);
      if (frame->has(RingFrame::kSeals)) last_seal_ = parts_.encoder.seal();
      ring_.take_out(frame->end);
    } else {
      batch.add(*frame);
    }
    position = frame->end;
  }
  if (batch.count > 0) return write(batch);
  // What makes no sense is passed over rather than looked at for ever.
  if (position < head && position == ring_.tail()) {
    ring_.take_out(position < left_until_ ? left_until_ : head);
    parts_.events.post({.kind = EventKind::kDamaged,
                        .priority = 2,
                        .message = "what was in memory to be written is "
                                   "damaged from entry " +
                                   std::to_string(next_seq_) + " on",
                        .fields = {{"CAUSE", "damaged memory"}}});
  }
  return {};
}

logfmt::Status WalThread::write(const Batch& batch) {
  if (!wal_) LOGD_RETURN_IF_ERROR(open_file(batch.first_seq));
  LOGD_RETURN_IF_ERROR(
      wal_->append(std::span(batch.frames).first(batch.count)));
  last_write_bytes_ = batch.bytes;
  next_seq_ = batch.next_seq;
  ring_.take_out(batch.end);
  parts_.syncer.note_written(
      wal_, next_seq_,
      batch.urgent ? Urgency::kAtOnce : Urgency::kWithinInterval);
  return {};
}

// A worker may have died between making a file and writing to it.
bool WalThread::is_fresh(uint64_t first_seq) const {
  return wal_ && wal_->first_seq() == first_seq &&
         wal_->bytes() == logfmt::kFileHeaderBytes;
}

logfmt::Status WalThread::open_file(uint64_t first_seq) {
  if (!parts_.encoder.has_room_for_wal()) {
    return logfmt::fail({.code = logfmt::ErrorCode::kLimit,
                         .sys_errno = EDQUOT,
                         .detail = "the store is at its limit (max_use)"});
  }
  const logfmt::FileHeader identity{.magic = logfmt::kWalMagic,
                                    .store = parts_.store.id(),
                                    .boot = parts_.boot_id,
                                    .first_seq = first_seq,
                                    .created_us = realtime_us()};
  auto wal = logfmt::WalWriter::create(parts_.store.fd(), identity);
  if (!wal) return logfmt::fail(std::move(wal.error()));
  wal_ = std::make_shared<logfmt::WalWriter>(std::move(*wal));
  return {};
}

void WalThread::close_file(uint64_t next_seq) {
  if (!wal_) return;
  // Without its end frame the file is as readable; the next start closes it.
  (void)wal_->close({.batch_id = batch_,
                     .first_seq = next_seq,
                     .durable_seq = parts_.syncer.durable_seq()});
  parts_.syncer.note_written(wal_, next_seq, Urgency::kAtOnce);
  parts_.encoder.enqueue({wal_->name(), wal_->bytes()});
  wal_.reset();
}

bool WalThread::failure_due(steady_clock::time_point now) const {
  return failure_ && now >= copy_at_;
}

// Files that were closed are being rewritten as blocks by the encoder, which
// syncs these; the open one is copied.
void WalThread::leave_failed_files() {
  failure_ = false;
  uint64_t encoded_until = 0;
  bool open_failed = false;
  for (const Syncer::Failed& file : parts_.syncer.failed()) {
    if (file.wal == wal_) {
      open_failed = true;
    } else {
      encoded_until = std::max(encoded_until, file.next_seq);
    }
  }
  OpenWal copy;
  bool done = parts_.encoder.encoded_seq() >= encoded_until;
  if (done && open_failed) {
    copy = copy_open_file();
    done = copy != nullptr;
  }
  if (done) {
    copy_patience_ = kCopyRetryMin;
    parts_.zone.state().sync_failed = 0;
    parts_.syncer.mend(copy);
    return;
  }
  failure_ = true;
  copy_at_ = steady_clock::now() + copy_patience_;
  copy_patience_ = std::min(copy_patience_ * 2, kCopyRetryMax);
}

OpenWal WalThread::copy_open_file() {
  report_failure();
  auto copied = logfmt::copy_wal_end(parts_.store.fd(), *wal_,
                                     parts_.syncer.durable_seq());
  if (!copied) return nullptr;
  const bool replaces = copied->file.first_seq() == wal_->first_seq();
  if (!copied->file.take_place(parts_.store.fd())) {
    copied->file.discard(parts_.store.fd());
    return nullptr;
  }
  if (!replaces) {
    // It ends where the copy begins, as far as readers are concerned.
    (void)wal_->close({.batch_id = batch_,
                       .first_seq = next_seq_,
                       .durable_seq = parts_.syncer.durable_seq()});
    parts_.encoder.enqueue({wal_->name(), wal_->bytes()});
  }
  if (copied->lost_bytes > 0) report_lost(copied->lost_bytes);
  wal_ = std::make_shared<logfmt::WalWriter>(std::move(copied->file));
  return wal_;
}

// Said once until a copy has worked: an entry about each failure would be the
// cause of the next.
void WalThread::report_failure() {
  if (copy_patience_ > kCopyRetryMin) return;
  parts_.events.post({.kind = EventKind::kStoreFailed,
                      .priority = 2,
                      .message = "the disk failed to sync " + wal_->name() +
                                 "; what may not have reached it is written "
                                 "to a new file",
                      .fields = {{"CAUSE", "fdatasync failed"}}});
}

void WalThread::report_lost(uint64_t bytes) {
  parts_.events.post(
      {.kind = EventKind::kDamaged,
       .priority = 2,
       .message = std::to_string(bytes) +
                  " bytes that the disk had failed to write could not be read "
                  "back; their entries are lost",
       .fields = {{"CAUSE", "fdatasync failed"},
                  {"BYTES_DROPPED", std::to_string(bytes)}}});
}

void WalThread::note_trouble(const logfmt::Error& error) {
  trouble_ = is_full(error) ? DiskTrouble::kNoSpace : DiskTrouble::kError;
  parts_.encoder.make_room();
}

}  // namespace logd
