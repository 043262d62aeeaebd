// A WAL frame: rows that the intake committed together.
//
//   frame := header (80 bytes), body, zero padding to a multiple of 8
//   body  := op*
//   op    := varint 0, context fields (length-prefixed): defines the next
//            context id of the epoch, counted from 0
//          | varint id + 1, u8 priority, varint pid,
//            varint zigzag(realtime - base), u32 payload length, payload: a row
//
// An epoch is a run of about 64 KiB of frames within which contexts are said
// once. A reader that lost a frame is whole again at the next epoch.
// docs/segment_format.md, "WAL", is authoritative.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logfmt {

enum class FrameKind : uint8_t {
  kRows = 1,
  kEnd = 2,  // the writer is done with this file; first_seq is the next entry
};

struct FrameHeader {
  uint32_t body_bytes = 0;
  uint64_t body_checksum = 0;
  uint64_t batch_id = 0;
  uint64_t first_seq = 0;
  // Entries below this number are known to be on the disk.
  uint64_t durable_seq = 0;
  int64_t clock_offset_us = 0;  // realtime - monotonic
  uint64_t base_realtime_us = 0;
  uint32_t rows = 0;
  FrameKind kind = FrameKind::kRows;
  bool starts_epoch = false;

  uint64_t frame_bytes() const;  // header, body and padding
  void encode_to(char* out, uint64_t seed) const;
};

// Checks magic, checksum and limits; not the body.
Result<FrameHeader> decode_frame_header(std::string_view bytes, uint64_t seed);

// A whole frame of kind kEnd; `stamp.first_seq` is the next entry's number.
std::string encode_end_frame(FrameHeader stamp, uint64_t seed);

// The trusted fields that many rows share. Owned by the caller and stable
// while a builder may refer to it; the builder notes in it whether the current
// epoch has said it already.
struct WalContext {
  std::string fields{};  // encoded FieldList
  uint64_t epoch = 0;
  uint64_t id = 0;
};

struct RowHead {
  uint64_t realtime_us = 0;
  uint32_t pid = 0;
  uint8_t priority = 0;
};

// Builds one frame in memory. Not thread-safe. The caller finishes it before it
// goes beyond kFrameRowsMax or kFrameBodyBytesMax: no reader takes such a
// frame.
class FrameBuilder {
 public:
  explicit FrameBuilder(uint64_t seed) : seed_(seed) {}

  // Forgets which contexts were said; the next frame starts an epoch. Needed
  // for a new file, and after a frame that was dropped instead of written.
  void start_epoch() { epoch_over_ = true; }

  void begin_row(WalContext& context, const RowHead& head);
  void add_field(std::string_view name, std::string_view value);
  void end_row();

  uint32_t rows() const { return header_.rows; }
  bool empty() const { return header_.rows == 0; }
  size_t body_bytes() const { return end_ - kHeaderRoom; }

  // The finished frame; fills in what only the writer knows. Valid until
  // clear().
  std::string_view finish(FrameHeader stamp);
  void clear();

 private:
  static constexpr size_t kHeaderRoom = 80;

  void make_room(size_t bytes);
  // Where make_room() was called for it.
  void put_varint(uint64_t value);
  void put_bytes(std::string_view bytes);

  uint64_t seed_;
  std::string bytes_ = std::string(kHeaderRoom, '\0');  // up to end_, and room
  size_t end_ = kHeaderRoom;
  FrameHeader header_{};
  size_t payload_length_at_ = 0;
  uint64_t epoch_ = 0;
  uint64_t next_context_id_ = 0;
  size_t epoch_bytes_ = 0;
  bool epoch_over_ = true;
};

}  // namespace logfmt
