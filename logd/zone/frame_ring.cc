#include "logd/zone/frame_ring.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace logd {
namespace {

constexpr size_t kRecordHeaderBytes = 24;
constexpr uint32_t kSkip = UINT32_MAX;  // as the length: go to the first byte

// Records begin at multiples of 8, so the length always has room.
size_t record_bytes(size_t frame_bytes) {
  constexpr size_t kStep = FrameRing::kAlignment;
  return kRecordHeaderBytes + (frame_bytes + kStep - 1) / kStep * kStep;
}

}  // namespace

bool FrameRing::fits(size_t frame_bytes) const {
  const size_t needed = record_bytes(frame_bytes);
  const size_t room = room_behind(head_);
  const size_t skipped = needed <= room ? 0 : room;
  return used_bytes() + skipped + needed <= memory_.size();
}

void FrameRing::stage(const RingFrame& frame) {
  const size_t needed = record_bytes(frame.bytes.size());
  if (needed > room_behind(head_)) {
    std::memcpy(memory_.data() + place(head_), &kSkip, sizeof kSkip);
    head_ += room_behind(head_);
  }
  char* record = memory_.data() + place(head_);
  const auto bytes = static_cast<uint32_t>(frame.bytes.size());
  std::memset(record, 0, kRecordHeaderBytes);
  std::memcpy(record, &bytes, sizeof bytes);
  std::memcpy(record + 4, &frame.rows, sizeof frame.rows);
  std::memcpy(record + 8, &frame.first_seq, sizeof frame.first_seq);
  record[16] = static_cast<char>(frame.marks);
  frame.bytes.copy(record + kRecordHeaderBytes, bytes);  // an end has none
  highest_ = std::max(highest_, place(head_) + needed);
  head_ += needed;
}

uint64_t FrameRing::rewind() {
  if (place(head_) != 0) {
    head_ += room_behind(head_);
    tail_.store(head_, std::memory_order_release);
  }
  return std::exchange(highest_, 0);
}

std::optional<RingFrame> FrameRing::at(uint64_t position, uint64_t head) const {
  if (position >= head || head - position > memory_.size()) return std::nullopt;
  uint32_t bytes = 0;
  std::memcpy(&bytes, memory_.data() + place(position), sizeof bytes);
  if (bytes == kSkip) return at(position + room_behind(position), head);
  if (record_bytes(bytes) > std::min(room_behind(position), head - position)) {
    return std::nullopt;
  }
  const char* record = memory_.data() + place(position);
  RingFrame frame{.bytes = {record + kRecordHeaderBytes, bytes},
                  .marks = static_cast<uint8_t>(record[16]),
                  .end = position + record_bytes(bytes)};
  std::memcpy(&frame.rows, record + 4, sizeof frame.rows);
  std::memcpy(&frame.first_seq, record + 8, sizeof frame.first_seq);
  return frame;
}

}  // namespace logd
