// A ring of finished WAL frames in memory that outlives the process.
//
// One thread stages frames and makes them count by publishing head(), another
// takes them out in order, from tail() on. Both positions only grow; a
// position modulo the size is a place. A frame lies in one piece: where it
// does not fit before the end of the memory, the rest is skipped. An empty ring
// begins at its first byte again, so that a ring in little use takes few pages.
//
//   record := u32 frame bytes, u32 rows, u64 first_seq, u8 marks, 7 zero
//             bytes, frame, padding to a multiple of 8
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace logd {

struct RingFrame {
  enum Mark : uint8_t {
    kBeginsFile = 1,  // what comes before is closed
    kUrgent = 2,      // to be synced at once
    kEndsFile = 4,    // no frame: only closes the file
    kSeals = 8,       // with kEndsFile: what there is becomes a sealed segment
  };
  std::string_view bytes{};
  uint32_t rows = 0;
  uint64_t first_seq = 0;
  uint8_t marks = 0;
  uint64_t end = 0;  // the position behind it

  bool has(Mark mark) const { return (marks & mark) != 0; }
};

class FrameRing {
 public:
  static constexpr uint64_t kAlignment = 8;  // of every position

  // `tail` lives beside the memory and tells what was taken out; `head` is
  // what was last published.
  FrameRing(std::span<char> memory, std::atomic<uint64_t>& tail, uint64_t head)
      : memory_(memory), tail_(tail), head_(head) {}

  // The stager's side.
  bool fits(size_t frame_bytes) const;
  // Only what fits.
  void stage(const RingFrame& frame);
  // Behind what was staged.
  uint64_t head() const { return head_; }
  // Forgets what was staged and not published.
  void set_head(uint64_t head) { head_ = head; }
  uint64_t used_bytes() const { return head_ - tail(); }
  bool empty() const { return head_ == tail(); }
  // Goes back to the first byte; of an empty ring. The highest place that was
  // used since the last time.
  uint64_t rewind();

  // The taker's side.
  uint64_t tail() const { return tail_.load(std::memory_order_acquire); }
  // The frame at `position`, below the published head; nothing where a record
  // makes no sense.
  std::optional<RingFrame> at(uint64_t position, uint64_t head) const;
  void take_out(uint64_t end) { tail_.store(end, std::memory_order_release); }

 private:
  uint64_t place(uint64_t position) const { return position % memory_.size(); }
  uint64_t room_behind(uint64_t position) const {
    return memory_.size() - place(position);
  }

  std::span<char> memory_;
  std::atomic<uint64_t>& tail_;
  uint64_t head_;
  uint64_t highest_ = 0;
};

}  // namespace logd
