#include "logd/run/line_buffer.h"

#include <fmt/format.h>

#include <algorithm>

namespace logrun {
namespace {

uint64_t count_lines(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const auto ends = std::count(bytes.begin(), bytes.end(), '\n');
  return static_cast<uint64_t>(ends) + (bytes.back() != '\n' ? 1 : 0);
}

}  // namespace

LineCount& LineCount::operator+=(const LineCount& other) {
  lines += other.lines;
  bytes += other.bytes;
  return *this;
}

void LineBuffer::append(std::string_view bytes) {
  data_.append(bytes);
  while (data_.size() - head_ > bytes_max_ && drop_oldest()) {
  }
}

void LineBuffer::add_lost(const LineCount& lost) {
  if (lost == LineCount{}) return;
  gap_ = oldest_droppable();
  dropped_ += lost;
}

std::string_view LineBuffer::next_chunk() {
  if (gap_ == acked_) {
    announced_ = dropped_;
    note_ = fmt::format(
        "<4>logrun: {} lines ({} bytes) dropped while logd was away\n",
        dropped_.lines, dropped_.bytes);
    return note_;
  }
  chunk_end_ = chunk_end();
  return std::string_view(data_).substr(acked_, chunk_end_ - acked_);
}

size_t LineBuffer::chunk_end() const {
  const size_t available = gap_.value_or(data_.size());
  const size_t limit = std::min(available, acked_ + kChunkBytesMax);
  if (ended_ && limit == available) return limit;
  const auto chunk = std::string_view(data_).substr(acked_, limit - acked_);
  const size_t newline = chunk.rfind('\n');
  if (newline != std::string_view::npos) return acked_ + newline + 1;
  return chunk.size() == kChunkBytesMax ? limit : acked_;
}

void LineBuffer::mark_sent() { in_flight_ = true; }

void LineBuffer::acknowledge() {
  in_flight_ = false;
  if (!note_.empty()) {
    note_.clear();
    dropped_.lines -= announced_.lines;
    dropped_.bytes -= announced_.bytes;
    if (dropped_ == LineCount{}) gap_.reset();
    return;
  }
  acked_ = chunk_end_;
  discard_acknowledged();
}

void LineBuffer::rewind() {
  in_flight_ = false;
  note_.clear();
  acked_ = head_;
}

LineCount LineBuffer::undelivered() const {
  const auto waiting = std::string_view(data_).substr(acked_);
  LineCount count = dropped_;
  count += {.lines = count_lines(waiting), .bytes = waiting.size()};
  return count;
}

// The first line that is neither in flight nor the rest of one that is.
size_t LineBuffer::oldest_droppable() {
  if (gap_) return *gap_;
  const bool data_in_flight = in_flight_ && note_.empty();
  const size_t unsent = data_in_flight ? chunk_end_ : acked_;
  if (unsent == head_ || data_[unsent - 1] == '\n') return unsent;
  const size_t newline = data_.find('\n', unsent);
  if (newline != std::string::npos) return newline + 1;
  // The reader has the beginning of a line that has no end yet: it is ended
  // here, or what comes after the gap would be joined to it.
  data_.insert(unsent, 1, '\n');
  return unsent + 1;
}

bool LineBuffer::drop_oldest() {
  const size_t begin = oldest_droppable();
  const size_t wanted = std::min(data_.size(), begin + bytes_max_ / 8);
  if (wanted <= begin) return false;
  size_t newline = data_.find('\n', wanted - 1);
  if (newline == std::string::npos) newline = data_.rfind('\n');
  // Without any line end, what there is of the only line has to go.
  const bool has_line = newline != std::string::npos && newline >= begin;
  const size_t end = has_line ? newline + 1 : data_.size();
  const auto lost = std::string_view(data_).substr(begin, end - begin);
  dropped_ += {.lines = count_lines(lost), .bytes = lost.size()};
  data_.erase(begin, end - begin);
  gap_ = begin;
  return true;
}

void LineBuffer::discard_acknowledged() {
  const auto acknowledged =
      std::string_view(data_).substr(head_, acked_ - head_);
  const size_t newline = acknowledged.rfind('\n');
  if (newline != std::string_view::npos) head_ += newline + 1;
  if (acked_ - head_ > kLineKeepBytesMax) head_ = acked_;
  if (head_ == data_.size()) {
    // A burst must not hold its memory for the rest of a quiet life.
    std::string().swap(data_);
  } else if (head_ > bytes_max_ / 4) {
    data_.erase(0, head_);
  } else {
    return;
  }
  acked_ -= head_;
  chunk_end_ = acked_;
  if (gap_) *gap_ -= head_;
  head_ = 0;
}

}  // namespace logrun
