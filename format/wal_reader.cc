#include "format/wal_reader.h"

#include <fcntl.h>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/limits.h"

namespace logfmt {
namespace {

constexpr size_t kReadBytes = 256 << 10;

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

Status WalReader::refresh() {
  buffer_.erase(0, position_);
  base_ += position_;
  position_ = 0;
  std::string chunk;
  do {
    LOGD_RETURN_IF_ERROR(
        pread_up_to(file_.get(), base_ + buffer_.size(), kReadBytes, chunk));
    buffer_.append(chunk);
  } while (chunk.size() == kReadBytes);
  return {};
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
      note_gap(base_ + position_ - frame_.frame_bytes(),
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
    const auto rest = std::string_view(buffer_).substr(position_);
    if (rest.empty()) return false;
    if (!open_frame(rest)) {
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

// Takes the frame at the start of `at` if it is whole, checks and is in place.
bool WalReader::open_frame(std::string_view at) {
  const auto header = decode_frame_header(at, seed_);
  if (!header || at.size() < header->frame_bytes()) return false;
  const auto body = at.substr(kFrameHeaderBytes, header->body_bytes);
  if (checksum(body, seed_) != header->body_checksum) return false;
  if (header->first_seq < next_seq_) return false;
  if (header->first_seq > next_seq_) {
    note_gap(base_ + position_, "frames are missing");
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
  size_t at = position_ + kAlignment;
  while ((at = buffer_.find(magic, at)) != std::string::npos) {
    const size_t begin = position_;
    const auto candidate = std::string_view(buffer_).substr(at);
    if (at % kAlignment == 0 && open_frame(candidate)) {
      position_ = at;
      contexts_known_ = false;
      note_gap(base_ + begin, "a frame does not check");
      return true;
    }
    ++at;
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
