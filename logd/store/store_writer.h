// The intake's end of the store: rows go into a frame, frames into the ring of
// the landing zone, out of which WalThread writes them.
//
// The intake thread builds rows in frame() and commits them, together with the
// progress of the batch that they come from: with the commit, both count, and
// survive this process. Here entries get their numbers, and here is decided
// where a WAL file ends. When the ring has no room because the disk takes
// nothing, entries are dropped and counted; the intake never waits for longer
// than kPatience. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "format/wal_frame.h"
#include "logd/store/drop_table.h"
#include "logd/store/syncer.h"
#include "logd/store/wal_thread.h"
#include "logd/zone/frame_ring.h"
#include "logd/zone/landing_zone.h"

namespace logd {

class StoreWriter {
 public:
  struct Parts {
    uint64_t checksum_seed = 0;
    LandingZone& zone;
    WalThread& wal;
    Syncer& syncer;
  };

  // `next_seq`: of the first entry that this writer commits. `file_bytes`: of
  // the open WAL that its frames go to.
  StoreWriter(const Parts& parts, uint64_t next_seq, uint64_t file_bytes);

  // Whether there is room for one more row of at most so many bytes. Waits for
  // it a moment if the disk is at work.
  bool admits(uint8_t priority, size_t row_bytes);
  // Why admits() says no at the moment.
  DropCause drop_cause() const;
  // What was not stored; counts with the next commit.
  DropTable& drops() { return zone().next().drops; }
  // Whether there is room again after there was none; true once.
  bool take_recovered() { return std::exchange(recovered_, false); }

  // Rows are added here between commits, each after admits(). Says whether one
  // of them has a priority that must not wait for the disk.
  logfmt::FrameBuilder& frame() { return frame_; }
  void note_priority(uint8_t priority) {
    if (priority <= kUrgentPriority) urgent_ = true;
  }
  // Puts the rows into the ring if they are many, and says so; they do not
  // count yet.
  bool stage_if_large();
  // Makes everything so far count, whatever zone().next() says included.
  void commit();
  // Closes the WAL and has everything so far made into a sealed segment. The
  // ring's position at which that has been passed on to the encoder.
  uint64_t rotate();

  // When the WAL, having something in it, will be old enough to rotate; the
  // largest number where there is nothing to rotate.
  uint64_t rotate_at_us() const { return rotate_at_us_; }
  void set_rotate_after(uint64_t span_us);
  void set_clock_offset_us(int64_t offset_us) { clock_offset_us_ = offset_us; }
  uint64_t next_seq() const { return next_seq_; }
  // Behind all that was committed.
  uint64_t position() const { return ring_.head(); }
  uint64_t stored_rows() const { return stored_rows_; }
  LandingZone& zone() { return parts_.zone; }

 private:
  static constexpr uint8_t kUrgentPriority = 2;
  // Longer than any disk that works needs to take a part of the ring.
  static constexpr std::chrono::milliseconds kPatience{200};

  bool find_room(uint8_t priority, size_t row_bytes);
  bool has_room(uint8_t priority, size_t row_bytes) const;
  void publish();
  void stage();
  void end_file();
  void note_file_begin();
  void rewind_ring();

  Parts parts_;
  FrameRing ring_;  // the stager's side
  logfmt::FrameBuilder frame_;
  uint64_t next_seq_;
  uint64_t file_bytes_;        // of the WAL, with what is still in the ring
  bool begin_file_ = false;    // with the next frame
  bool stalled_ = false;       // the disk did not take anything for a while,
  uint64_t stalled_tail_ = 0;  // since then
  bool refused_ = false;       // the last row
  bool recovered_ = false;
  int64_t clock_offset_us_;
  uint64_t rotate_after_us_ = UINT64_MAX;
  uint64_t rotate_at_us_ = UINT64_MAX;
  uint64_t stored_rows_ = 0;
  bool urgent_ = false;
};

}  // namespace logd
