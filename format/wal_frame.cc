#include "format/wal_frame.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/entry.h"
#include "format/layout.h"
#include "format/limits.h"

namespace logfmt {
namespace {

constexpr size_t kChecksummedFrom = 16;
constexpr uint8_t kStartsEpochFlag = 1;
constexpr size_t kVarintBytesMax = 10;

// Epochs are numbered across all builders of the process: a WalContext may
// outlive one file and must never be taken for said in the next.
uint64_t next_epoch() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

uint64_t FrameHeader::frame_bytes() const {
  return aligned(kFrameHeaderBytes + body_bytes);
}

void FrameHeader::encode_to(char* out, uint64_t seed) const {
  put_fixed(out, kFrameMagic);
  put_fixed(out + 4, body_bytes);
  put_fixed(out + 16, body_checksum);
  put_fixed(out + 24, batch_id);
  put_fixed(out + 32, first_seq);
  put_fixed(out + 40, durable_seq);
  put_fixed(out + 48, clock_offset_us);
  put_fixed(out + 56, base_realtime_us);
  put_fixed(out + 64, rows);
  put_fixed(out + 68, kind);
  put_fixed(out + 69, starts_epoch ? kStartsEpochFlag : uint8_t{0});
  put_fixed(out + 70, uint16_t{0});
  put_fixed(out + 72, uint64_t{0});
  const std::string_view covered(out + kChecksummedFrom,
                                 kFrameHeaderBytes - kChecksummedFrom);
  // The length is outside the covered bytes, so it takes part in the seed.
  put_fixed(out + 8, checksum(covered, seed ^ body_bytes));
}

Result<FrameHeader> decode_frame_header(std::string_view bytes, uint64_t seed) {
  if (bytes.size() < kFrameHeaderBytes) {
    return fail(ErrorCode::kTruncated, "the file ends within a frame header");
  }
  Decoder in(bytes.substr(0, kFrameHeaderBytes));
  if (in.fixed<uint32_t>() != kFrameMagic) {
    return fail(ErrorCode::kCorrupt, "no frame here");
  }
  FrameHeader header;
  header.body_bytes = in.fixed<uint32_t>();
  const auto stored_checksum = in.fixed<uint64_t>();
  if (stored_checksum !=
      checksum(
          bytes.substr(kChecksummedFrom, kFrameHeaderBytes - kChecksummedFrom),
          seed ^ header.body_bytes)) {
    return fail(ErrorCode::kCorrupt, "a frame header does not check");
  }
  header.body_checksum = in.fixed<uint64_t>();
  header.batch_id = in.fixed<uint64_t>();
  header.first_seq = in.fixed<uint64_t>();
  header.durable_seq = in.fixed<uint64_t>();
  header.clock_offset_us = in.fixed<int64_t>();
  header.base_realtime_us = in.fixed<uint64_t>();
  header.rows = in.fixed<uint32_t>();
  header.kind = in.fixed<FrameKind>();
  if (header.kind != FrameKind::kRows && header.kind != FrameKind::kEnd) {
    return fail(ErrorCode::kUnsupported, "a frame of unknown kind");
  }
  header.starts_epoch = (in.fixed<uint8_t>() & kStartsEpochFlag) != 0;
  if (header.body_bytes > kFrameBodyBytesMax || header.rows > kFrameRowsMax) {
    return fail(ErrorCode::kLimit, "a frame is larger than any writer makes");
  }
  return header;
}

std::string encode_end_frame(FrameHeader stamp, uint64_t seed) {
  stamp.kind = FrameKind::kEnd;
  stamp.body_checksum = checksum({}, seed);
  std::string frame(kFrameHeaderBytes, '\0');
  stamp.encode_to(frame.data(), seed);
  return frame;
}

void FrameBuilder::begin_row(WalContext& context, const RowHead& head) {
  if (header_.rows == 0) {
    header_.starts_epoch = epoch_over_ || epoch_bytes_ >= kWalEpochBytes;
    if (header_.starts_epoch) {
      epoch_ = next_epoch();
      next_context_id_ = 0;
      epoch_bytes_ = 0;
      epoch_over_ = false;
    }
    header_.base_realtime_us = head.realtime_us;
  }
  if (context.epoch != epoch_) {
    context.epoch = epoch_;
    context.id = next_context_id_++;
    make_room(2 * kVarintBytesMax + context.fields.size());
    put_varint(0);
    put_varint(context.fields.size());
    put_bytes(context.fields);
  }
  make_room(4 * kVarintBytesMax + sizeof(uint32_t));
  put_varint(context.id + 1);
  bytes_[end_++] = static_cast<char>(head.priority);
  put_varint(head.pid);
  put_varint(zigzag(
      static_cast<int64_t>(head.realtime_us - header_.base_realtime_us)));
  payload_length_at_ = end_;
  end_ += sizeof(uint32_t);
}

// As append_field() does it, in room that is made once.
void FrameBuilder::add_field(std::string_view name, std::string_view value) {
  make_room(2 * kVarintBytesMax + name.size() + value.size());
  if (name == field::kMessage) {
    put_varint(0);
  } else {
    put_varint(name.size());
    put_bytes(name);
  }
  put_varint(value.size());
  put_bytes(value);
}

void FrameBuilder::end_row() {
  const size_t payload = end_ - payload_length_at_ - sizeof(uint32_t);
  put_fixed(bytes_.data() + payload_length_at_, static_cast<uint32_t>(payload));
  ++header_.rows;
}

void FrameBuilder::make_room(size_t bytes) {
  if (bytes > bytes_.size() - end_) {
    bytes_.resize(std::max(end_ + bytes, 2 * bytes_.size()));
  }
}

void FrameBuilder::put_varint(uint64_t value) {
  while (value >= 0x80) {
    bytes_[end_++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes_[end_++] = static_cast<char>(value);
}

void FrameBuilder::put_bytes(std::string_view bytes) {
  std::memcpy(bytes_.data() + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

std::string_view FrameBuilder::finish(FrameHeader stamp) {
  stamp.rows = header_.rows;
  stamp.base_realtime_us = header_.base_realtime_us;
  stamp.body_bytes = static_cast<uint32_t>(body_bytes());
  stamp.starts_epoch = header_.starts_epoch;
  const std::string_view body(bytes_.data() + kHeaderRoom, body_bytes());
  stamp.body_checksum = checksum(body, seed_);
  const size_t padding = stamp.frame_bytes() - end_;
  make_room(padding);
  std::fill_n(bytes_.data() + end_, padding, '\0');
  stamp.encode_to(bytes_.data(), seed_);
  return {bytes_.data(), stamp.frame_bytes()};
}

void FrameBuilder::clear() {
  epoch_bytes_ += aligned(end_);
  end_ = kHeaderRoom;
  header_ = {};
}

}  // namespace logfmt
