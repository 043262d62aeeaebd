// The intake's end of the store: rows go into a frame, frames into the WAL.
//
// The intake thread builds rows in frame() and commits them as one batch, one
// pwrite. When the WAL is full or old it is closed and handed to the encoder.
// If the disk takes nothing, the batch is dropped and counted, and the count
// becomes an entry as soon as something can be stored again; the intake never
// waits. One thread.
#pragma once

#include <cstdint>
#include <memory>

#include "format/store_dir.h"
#include "format/wal_writer.h"
#include "logd/event_log.h"
#include "logd/store/encoder.h"
#include "logd/store/loss_account.h"
#include "logd/store/syncer.h"

namespace logd {

struct StoreParts {
  const logfmt::StoreDir& store;
  const logfmt::Id128& boot_id;
  Syncer& syncer;
  Encoder& encoder;
  EventLog& events;
};

class StoreWriter {
 public:
  StoreWriter(const StoreParts& parts, uint64_t next_seq,
              uint64_t last_batch_id);

  // Rows are added here between commits. Says whether one of them has a
  // priority that must not wait for the disk.
  logfmt::FrameBuilder& frame() { return frame_; }
  void note_priority(uint8_t priority) {
    if (priority <= kUrgentPriority) urgent_ = true;
  }

  // The row that was or will be added next is the report of a loss.
  void note_loss_report() { frame_reports_loss_ = true; }

  // Writes the rows, if any.
  void commit();
  // Closes the WAL and has everything so far made into a sealed segment; the
  // answer is for Encoder::wait_sealed().
  uint64_t rotate();
  // A clean stop: end frame, all synced.
  void close();

  // When the WAL, having something in it, will be old enough to rotate; the
  // largest number where there is nothing to rotate.
  uint64_t rotate_at_us() const { return rotate_at_us_; }
  void set_rotate_after(uint64_t span_us);
  uint64_t next_seq() const { return next_seq_; }
  uint64_t stored_rows() const { return stored_rows_; }
  // Entries that were lost and whose loss no entry tells.
  uint64_t unreported_losses() const { return losses_.rows(); }

 private:
  static constexpr uint8_t kUrgentPriority = 2;

  logfmt::Status write_frame();
  void close_wal();
  void watch_clock();
  void report_suspect();
  void count_drop(const logfmt::Error& error);

  StoreParts parts_;
  logfmt::FrameBuilder frame_;
  std::shared_ptr<logfmt::WalWriter> wal_;
  uint64_t next_seq_;
  uint64_t batch_id_;
  int64_t clock_offset_us_;
  uint64_t rotate_after_us_ = UINT64_MAX;
  uint64_t rotate_at_us_ = UINT64_MAX;
  uint64_t suspect_seq_ = 0;  // after the last entry of a file left so
  uint64_t room_asked_us_ = 0;
  LossAccount losses_{};
  bool frame_reports_loss_ = false;
  uint64_t stored_rows_ = 0;
  bool urgent_ = false;
};

}  // namespace logd
