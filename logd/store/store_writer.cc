#include "logd/store/store_writer.h"

#include <algorithm>
#include <utility>

#include "format/limits.h"
#include "logd/clock.h"

namespace logd {
namespace {

// A frame that has grown to this goes into the ring before the next row.
constexpr size_t kFrameBytesMax = 1 << 20;
constexpr size_t kFrameRowsMax = 4096;
// How full the ring may get: with everything, and with what matters. What is
// larger than the rest of it waits until it fits.
constexpr uint64_t kFillAll = 12 << 20;
constexpr uint64_t kFillImportant = 16 << 20;
constexpr uint8_t kLeastImportant = 4;  // warning
// A row's head, its context and the frame around it take no more.
constexpr size_t kRowExtraBytesMax = 256;
// An empty ring goes back to its begin from here, and gives back its pages
// when it had grown far beyond.
constexpr uint64_t kRewindFrom = 256 << 10;
constexpr uint64_t kKeptRingBytes = 1 << 20;

uint64_t head_of(const LandingZone& zone) {
  // A worker may have died between moving the tail and the head.
  return std::max<uint64_t>(zone.committed().ring_head,
                            zone.state().ring_tail.load());
}

}  // namespace

StoreWriter::StoreWriter(const Parts& parts, uint64_t next_seq,
                         uint64_t file_bytes)
    : parts_(parts),
      ring_(parts.zone.ring(), parts.zone.state().ring_tail,
            head_of(parts.zone)),
      frame_(parts.checksum_seed),
      next_seq_(next_seq),
      file_bytes_(file_bytes),
      clock_offset_us_(static_cast<int64_t>(realtime_us() - monotonic_us())) {}

bool StoreWriter::has_room(uint8_t priority, size_t row_bytes) const {
  const size_t frame = logfmt::kFrameHeaderBytes + frame_.body_bytes() +
                       row_bytes + kRowExtraBytesMax;
  const uint64_t fill = priority > kLeastImportant ? kFillAll : kFillImportant;
  return ring_.used_bytes() <= fill && ring_.fits(frame);
}

bool StoreWriter::admits(uint8_t priority, size_t row_bytes) {
  const bool room = find_room(priority, row_bytes);
  recovered_ = recovered_ || (room && refused_);
  refused_ = !room;
  return room;
}

bool StoreWriter::find_room(uint8_t priority, size_t row_bytes) {
  if (has_room(priority, row_bytes)) {
    stalled_ = false;
    return true;
  }
  if (stalled_ && ring_.tail() == stalled_tail_) return false;
  // What is committed is being written. What is staged is not, and a row that
  // finds no room beside it never will.
  const uint64_t committed = zone().committed().ring_head;
  while (!has_room(priority, row_bytes)) {
    const uint64_t tail = ring_.tail();
    if (tail >= committed) return false;
    if (!parts_.wal.wait_written(tail + 1, kPatience)) {
      stalled_ = true;
      stalled_tail_ = tail;
      return false;
    }
  }
  stalled_ = false;
  return true;
}

DropCause StoreWriter::drop_cause() const {
  switch (parts_.wal.trouble()) {
    case DiskTrouble::kNoSpace:
      return DropCause::kNoSpace;
    case DiskTrouble::kError:
      return DropCause::kDiskError;
    case DiskTrouble::kNone:
      break;
  }
  return DropCause::kDiskSlow;
}

bool StoreWriter::stage_if_large() {
  if (frame_.body_bytes() < kFrameBytesMax && frame_.rows() < kFrameRowsMax) {
    return false;
  }
  stage();
  return true;
}

void StoreWriter::stage() {
  if (frame_.empty()) return;
  if (ring_.empty()) rewind_ring();
  note_file_begin();
  const auto bytes = frame_.finish({.batch_id = zone().next().batch,
                                    .first_seq = next_seq_,
                                    .durable_seq = parts_.syncer.durable_seq(),
                                    .clock_offset_us = clock_offset_us_});
  uint8_t marks = 0;
  if (begin_file_) marks |= RingFrame::kBeginsFile;
  if (urgent_) marks |= RingFrame::kUrgent;
  ring_.stage({.bytes = bytes,
               .rows = frame_.rows(),
               .first_seq = next_seq_,
               .marks = marks});
  file_bytes_ += bytes.size();
  next_seq_ += frame_.rows();
  stored_rows_ += frame_.rows();
  frame_.clear();
  urgent_ = false;
  begin_file_ = file_bytes_ >= logfmt::kWalBytes;
  if (begin_file_) end_file();
}

// The next frame goes to another file, which says its contexts itself.
void StoreWriter::end_file() {
  frame_.start_epoch();
  file_bytes_ = 0;
}

void StoreWriter::note_file_begin() {
  if (rotate_at_us_ != UINT64_MAX) return;
  const uint64_t now_us = realtime_us();
  if (rotate_after_us_ < UINT64_MAX - now_us) {
    rotate_at_us_ = now_us + rotate_after_us_;
  }
}

void StoreWriter::commit() {
  publish();
  if (realtime_us() >= rotate_at_us_) rotate();
}

void StoreWriter::publish() {
  // It may be a long way to the loop's next round.
  zone().state().beats.fetch_add(1, std::memory_order_relaxed);
  stage();
  ZoneCommit& next = zone().next();
  next.ring_head = ring_.head();
  next.next_seq = next_seq_;
  zone().commit();
  parts_.wal.wake();
}

uint64_t StoreWriter::rotate() {
  publish();
  if (ring_.fits(0)) {
    ring_.stage({.first_seq = next_seq_,
                 .marks = RingFrame::kEndsFile | RingFrame::kSeals});
    end_file();
    begin_file_ = false;
    publish();
  }
  rotate_at_us_ = UINT64_MAX;
  return ring_.head();
}

void StoreWriter::set_rotate_after(uint64_t span_us) {
  if (rotate_at_us_ != UINT64_MAX) {
    rotate_at_us_ = rotate_at_us_ - rotate_after_us_ + span_us;
  }
  rotate_after_us_ = span_us;
}

void StoreWriter::rewind_ring() {
  if (ring_.head() % parts_.zone.ring().size() < kRewindFrom) return;
  const uint64_t used = ring_.rewind();
  if (used > kKeptRingBytes) {
    zone().discard(
        parts_.zone.ring().subspan(kKeptRingBytes, used - kKeptRingBytes));
  }
}

}  // namespace logd
