// Takes frames out of the ring and writes them to the WAL, in a thread of its
// own: whatever the disk does, the intake goes on until the ring is full.
//
// A frame stays in the ring until it is written. If the disk refuses it, it is
// tried again; what trouble there is, trouble() tells. A full file is closed
// and handed to the encoder. A file whose fdatasync failed is left: what it
// holds beyond the last number known to be on the disk is copied into a new
// file, frame by frame as far as its checksums hold, and synced there.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "format/store_dir.h"
#include "format/wal_writer.h"
#include "logd/busy_gauge.h"
#include "logd/event_log.h"
#include "logd/store/encoder.h"
#include "logd/store/syncer.h"
#include "logd/zone/frame_ring.h"
#include "logd/zone/landing_zone.h"

namespace logd {

// Where the next frame goes on, if it is not to begin a file.
using OpenWal = std::shared_ptr<logfmt::WalWriter>;

struct WalThreadParts {
  const logfmt::StoreDir& store;
  const logfmt::Id128& boot_id;
  LandingZone& zone;
  Syncer& syncer;
  Encoder& encoder;
  EventLog& events;
};

enum class DiskTrouble : uint8_t { kNone, kNoSpace, kError };

class WalThread {
 public:
  // Entries below `written_seq` are in files, the last of them in `open`, if
  // there is an open one.
  WalThread(const WalThreadParts& parts, OpenWal open, uint64_t written_seq);
  ~WalThread();
  WalThread(const WalThread&) = delete;
  WalThread& operator=(const WalThread&) = delete;

  // There is something new in the ring, committed by the caller's thread.
  void wake();
  // Returns when the ring was written up to that position, or when nothing
  // was written for so long; whether it was. Of any thread.
  bool wait_written(uint64_t position, std::chrono::milliseconds patience);
  // Why frames stay in the ring, if they do.
  DiskTrouble trouble() const { return trouble_; }
  // After the last entry that was written; when the thread has ended.
  uint64_t next_seq() const { return next_seq_; }
  // How often everything so far was sealed on request; the encoder's number
  // for wait_sealed() of the last time.
  uint64_t last_seal() const { return last_seal_; }
  // Writes what is in the ring, closes the file, ends the thread; gives up
  // what the disk does not take within a second. Also the destructor.
  void stop();
  // The same, but the file is left as it is: to be gone on with.
  void abandon();

 private:
  using Clock = std::chrono::steady_clock;
  struct Batch;  // of frames for one write

  void run();
  bool work_waits() const;
  std::optional<RingFrame> frame_at(uint64_t position, uint64_t head) const;
  uint64_t find_damage() const;
  void pass_over_written();
  logfmt::Status write_some();
  logfmt::Status write(const Batch& batch);
  bool is_fresh(uint64_t first_seq) const;
  logfmt::Status open_file(uint64_t first_seq);
  void close_file(uint64_t next_seq);
  bool failure_due(Clock::time_point now) const;
  void leave_failed_files();
  OpenWal copy_open_file();
  void report_failure();
  void report_lost(uint64_t bytes);
  void note_trouble(const logfmt::Error& error);
  void rest(std::unique_lock<std::mutex>& lock);

  WalThreadParts parts_;
  FrameRing ring_;  // the taker's side
  // Of the last commit, whose record is the intake's alone to read.
  std::atomic<uint64_t> head_;
  std::atomic<uint64_t> batch_;
  // What another worker left in the ring, and what of that makes sense.
  const uint64_t left_until_;
  const uint64_t whole_until_;
  std::atomic<DiskTrouble> trouble_{DiskTrouble::kNone};
  std::atomic<uint64_t> last_seal_{0};
  std::atomic<bool> asleep_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable written_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> leaves_open_{false};
  bool stopped_ = false;
  std::atomic<bool> failure_{false};  // a file's, and nothing done about it

  // The thread's own.
  OpenWal wal_;
  uint64_t next_seq_ = 0;  // after the last entry written
  Clock::time_point copy_at_{};
  std::chrono::milliseconds copy_patience_{1'000};
  Clock::time_point last_try_{};
  BusyGauge gauge_{};
  uint64_t gauged_seq_ = 0;
  size_t last_write_bytes_ = 0;
  std::thread thread_;
};

}  // namespace logd
