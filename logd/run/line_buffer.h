// The bytes of one output stream between the child and the log daemon.
//
// Bounded memory, in order: bytes are appended, taken in chunks, and
// forgotten when the reader has acknowledged them. At most one chunk is in
// flight, so that after a lost connection it is known what the reader had
// read. Chunks are whole lines: a line waits for its end, since no reader can
// store it before, unless it is longer than a chunk. Of such a line the
// acknowledged part is kept (up to kLineKeepBytesMax), because a new reader
// must be given the whole line.
//
// When more than the maximum waits, the oldest whole lines that are not in
// flight are dropped, an eighth of the maximum at a time. In their place a
// line with their number is sent; it is repeated until it is acknowledged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logrun {

struct LineCount {
  uint64_t lines = 0;
  uint64_t bytes = 0;

  LineCount& operator+=(const LineCount& other);
  bool operator==(const LineCount&) const = default;
};

class LineBuffer {
 public:
  static constexpr size_t kBytesMax = 4 << 20;
  // A reader takes it in one read, and the kernel in one socket buffer.
  static constexpr size_t kChunkBytesMax = 8 << 10;
  static constexpr size_t kLineKeepBytesMax = 48 << 10;

  explicit LineBuffer(size_t bytes_max = kBytesMax) : bytes_max_(bytes_max) {}

  void append(std::string_view bytes);
  // No more will be appended: the last line is sent as it is.
  void end() { ended_ = true; }
  // Lines lost elsewhere, to be announced as if they had been dropped here.
  void add_lost(const LineCount& lost);

  // The bytes to send next, empty when there are none. Valid until the next
  // call of any other function. Only while nothing is in flight.
  std::string_view next_chunk();
  // The chunk given by next_chunk() is on its way.
  void mark_sent();
  // What is in flight has been read.
  void acknowledge();
  // The connection is gone and what was in flight had not been read: the
  // next chunk begins with the line that no reader has seen completely.
  void rewind();

  bool in_flight() const { return in_flight_; }
  // How much more fits without dropping anything.
  size_t room() const {
    const size_t used = data_.size() - head_;
    return used < bytes_max_ ? bytes_max_ - used : 0;
  }
  bool full() const { return room() == 0; }
  bool delivered() const { return acked_ == data_.size() && !gap_; }
  // All that no reader has acknowledged, dropped lines included.
  LineCount undelivered() const;

 private:
  size_t chunk_end() const;
  size_t oldest_droppable();
  bool drop_oldest();
  void discard_acknowledged();

  size_t bytes_max_;
  // data_[head_, acked_) is the acknowledged part of an unfinished line.
  std::string data_;
  size_t head_ = 0;
  size_t acked_ = 0;
  size_t chunk_end_ = 0;  // [acked_, chunk_end_) is the present chunk
  bool in_flight_ = false;
  bool ended_ = false;

  // Lines are missing before data_[*gap_], which begins a line.
  std::optional<size_t> gap_{};
  LineCount dropped_{};
  LineCount announced_{};  // of dropped_, what note_ says
  std::string note_{};     // not empty: it is the present chunk
};

}  // namespace logrun
