#include "format/wal_reader.h"

#include <fcntl.h>

#include <algorithm>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/limits.h"

namespace logfmt {
namespace {

constexpr uint64_t kReadBytes = 256 << 10;

uint64_t padding_bytes(const FrameHeader& frame) {
  return frame.frame_bytes() - kFrameHeaderBytes - frame.body_bytes;
}

}  // namespace

WalReader::WalReader(Fd file, std::string name, const FileHeader& header)
    : file_(std::move(file)),
      name_(std::move(name)),
      header_(header),
      seed_(checksum_seed(header.store)),
      base_(kFileHeaderBytes),
      next_seq_(header.first_seq) {}

Result<WalReader> WalReader::open(int dir_fd, const std::string& name,
                                  const Id128& store) {
  auto file = open_at(dir_fd, name, O_RDONLY);
  if (!file) return fail(std::move(file.error()));
  std::string bytes;
  LOGD_RETURN_IF_ERROR(pread_up_to(file->get(), 0, kFileHeaderBytes, bytes));
  auto header = decode_file_header(bytes, kWalMagic, store);
  if (!header) return fail(std::move(header.error()));
  return WalReader(std::move(*file), name, *header);
}

Status WalReader::refresh(uint64_t bytes_max) {
  // Rows that were not asked for yet stay. What did not check goes: a writer
  // whose write failed may have put another frame in its place. It is read
  // again, with so much more that even the largest frame is whole in the end.
  const uint64_t again = tail_bytes();
  const size_t unread = rows_left_ > 0 ? ops_.size() : 0;
  const size_t keep = rows_left_ > 0 ? unread + padding_bytes(frame_) : 0;
  buffer_.resize(position_);
  buffer_.erase(0, position_ - keep);
  base_ += position_ - keep;
  position_ = keep;
  const auto status =
      read_on(again + std::min<uint64_t>(bytes_max, kWalFileBytesMax));
  ops_ = std::string_view(buffer_).substr(0, unread);
  return status;
}

Status WalReader::read_on(uint64_t bytes_max) {
  constexpr uint64_t kEndMax = kFileHeaderBytes + kWalFileBytesMax;
  const auto size = file_bytes(file_.get());
  if (!size) return fail(size.error());
  file_bytes_ = std::min(*size, kEndMax);
  uint64_t missing =
      std::min(file_bytes_ - std::min(file_bytes_, read_end()), bytes_max);
  buffer_.reserve(buffer_.size() + missing);
  std::string chunk;
  while (missing > 0) {
    LOGD_RETURN_IF_ERROR(pread_up_to(file_.get(), read_end(),
                                     std::min(missing, kReadBytes), chunk));
    if (chunk.empty()) {  // it was cut just now
      file_bytes_ = read_end();
      break;
    }
    buffer_.append(chunk);
    missing -= chunk.size();
  }
  if (*size <= kEndMax) return {};
  return fail(ErrorCode::kLimit, name_ + " is too long for a WAL", kEndMax);
}

std::optional<uint64_t> WalReader::end_seq() const {
  const auto size = file_bytes(file_.get());
  if (!size || *size < kFileHeaderBytes + kFrameHeaderBytes) return {};
  std::string bytes;
  const auto status = pread_exactly(file_.get(), *size - kFrameHeaderBytes,
                                    kFrameHeaderBytes, bytes);
  if (!status) return {};
  const auto frame = decode_frame_header(bytes, seed_);
  const bool ends = frame && frame->kind == FrameKind::kEnd &&
                    frame->frame_bytes() == kFrameHeaderBytes &&
                    frame->first_seq >= header_.first_seq;
  return ends ? std::optional(frame->first_seq) : std::nullopt;
}

bool WalReader::next(EntryView& entry) {
  while (true) {
    while (rows_left_ > 0) {
      Decoder in(ops_);
      const uint64_t op = in.varint();
      ops_ = in.rest();
      const bool is_context = in.ok() && op == 0;
      if (is_context && take_context(Decoder(ops_).length_prefixed())) continue;
      if (!is_context && in.ok() && decode_row(op - 1, entry)) return true;
      // The checksum held, so a faulty writer made this; say so and go on.
      rows_left_ = 0;
      contexts_known_ = false;
      note_gap(valid_bytes() - frame_.frame_bytes(),
               "a frame whose rows make no sense");
    }
    if (!next_frame()) return false;
  }
}

bool WalReader::take_context(std::string_view fields) {
  if (fields.size() > kContextBytesMax || !FieldList(fields).well_formed()) {
    return false;
  }
  Decoder in(ops_);
  (void)in.length_prefixed();
  if (!in.ok()) return false;
  ops_ = in.rest();
  epoch_contexts_.push_back(contexts_.size());
  contexts_.emplace_back(fields);
  return true;
}

bool WalReader::decode_row(uint64_t context_id, EntryView& entry) {
  Decoder in(ops_);
  entry.priority = in.fixed<uint8_t>();
  entry.pid = static_cast<uint32_t>(in.varint());
  entry.realtime_us =
      frame_.base_realtime_us + static_cast<uint64_t>(unzigzag(in.varint()));
  const auto payload = in.bytes(in.fixed<uint32_t>());
  if (!in.ok() || context_id >= epoch_contexts_.size() ||
      entry.priority > kNoPriority || !FieldList(payload).well_formed()) {
    return false;
  }
  ops_ = in.rest();
  entry.monotonic_us =
      entry.realtime_us - static_cast<uint64_t>(frame_.clock_offset_us);
  entry.boot_id = header_.boot;
  entry.seq = frame_.first_seq + frame_.rows - rows_left_;
  entry.context = FieldList(contexts_[epoch_contexts_[context_id]]);
  entry.payload = FieldList(payload);
  --rows_left_;
  next_seq_ = entry.seq + 1;
  return true;
}

bool WalReader::next_frame() {
  while (!closed_) {
    if (position_ == buffer_.size()) return false;
    if (!open_frame(position_)) {
      if (!resync()) return false;
      continue;
    }
    position_ += frame_.frame_bytes();
    if (frame_.starts_epoch) {
      epoch_contexts_.clear();
      contexts_known_ = true;
    }
    last_batch_id_ = frame_.batch_id;
    if (frame_.kind == FrameKind::kEnd) {
      closed_ = true;
      note_bytes_behind_end();
    } else if (!contexts_known_) {
      continue;  // belongs to the open gap
    }
    if (open_gap_) {
      open_gap_->end = base_ + position_ - frame_.frame_bytes();
      if (frame_.first_seq > 0) open_gap_->last_seq = frame_.first_seq - 1;
      gaps_.push_back(*std::exchange(open_gap_, std::nullopt));
    }
    rows_left_ = frame_.rows;
    return !closed_;
  }
  return false;
}

// A writer ends a file at its end frame. This one was meant for another file,
// or what follows was.
void WalReader::note_bytes_behind_end() {
  if (valid_bytes() >= file_bytes_) return;
  gaps_.push_back({.file = name_,
                   .begin = valid_bytes(),
                   .end = file_bytes_,
                   .first_seq = frame_.first_seq,
                   .cause = "bytes behind the end of the entries"});
}

// Takes the frame at `at` of the buffer if it is whole, checks and is in place.
bool WalReader::open_frame(size_t at) {
  const auto bytes = std::string_view(buffer_).substr(at);
  const auto header = decode_frame_header(bytes, seed_);
  if (!header || bytes.size() < header->frame_bytes()) return false;
  const auto body = bytes.substr(kFrameHeaderBytes, header->body_bytes);
  if (checksum(body, seed_) != header->body_checksum) return false;
  if (header->first_seq < next_seq_) return false;
  if (header->first_seq > next_seq_) {
    note_gap(valid_bytes(),
             at == position_ ? "frames are missing" : "a frame does not check");
    // The missing frames may have defined contexts, so ids mean nothing now.
    contexts_known_ = false;
  }
  frame_ = *header;
  ops_ = body;
  return true;
}

// The frame at position_ does not check. If a later one does, the bytes
// between are damaged; otherwise this is the tail and nothing moves.
bool WalReader::resync() {
  const std::string_view magic(reinterpret_cast<const char*>(&kFrameMagic),
                               sizeof(kFrameMagic));
  // A length that checks is believed: what a sender put into the body must not
  // be taken for a frame.
  const auto header =
      decode_frame_header(std::string_view(buffer_).substr(position_), seed_);
  size_t at = position_ + (header ? header->frame_bytes() : kAlignment);
  for (; (at = buffer_.find(magic, at)) != std::string::npos; ++at) {
    if ((base_ + at) % kAlignment != 0 || !open_frame(at)) continue;
    note_gap(valid_bytes(), "a frame does not check");
    position_ = at;
    return true;
  }
  return false;
}

void WalReader::note_gap(uint64_t begin, std::string cause) {
  if (open_gap_) return;
  open_gap_ = Gap{.file = name_,
                  .begin = begin,
                  .end = base_ + position_,
                  .first_seq = next_seq_,
                  .cause = std::move(cause)};
}

std::vector<Gap> WalReader::take_gaps() { return std::exchange(gaps_, {}); }

}  // namespace logfmt
