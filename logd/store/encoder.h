// Turns closed WAL files into blocks of segments, in a thread of its own.
//
// WALs come in order of sequence. Small ones wait for each other, so that a
// daemon that is restarted often does not leave a block for each start; until
// they are encoded, readers read the WALs. A WAL is removed only when all of
// its entries are in synced blocks. Each step can be repeated: rows that are in
// a segment already are passed over. What becomes of sealed segments is
// IdleCare's, which holds still while there is something to encode.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "format/block_builder.h"
#include "format/segment_writer.h"
#include "format/store_dir.h"
#include "format/unit_use.h"
#include "logd/clock.h"
#include "logd/config.h"
#include "logd/event_log.h"
#include "logd/store/idle_care.h"

namespace logd {

struct ClosedWal {
  std::string name{};
  uint64_t bytes = 0;
};

struct UnsealedSegment {
  std::string name{};
  logfmt::SegmentWriter::Tail tail{};
};

// Where an earlier daemon's encoder ended.
struct EncodedStore {
  std::optional<UnsealedSegment> unsealed{};  // to go on with
  uint64_t next_seq = 0;  // entries below it are in segments
};

class Encoder {
 public:
  Encoder(const logfmt::StoreDir& store, const StoreConfig& config,
          EventLog& events, EncodedStore encoded);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void enqueue(ClosedWal wal);
  // Encodes all that is queued, however small, and seals the segment. The
  // answer is for wait_sealed().
  uint64_t seal();
  // Returns when that is done; kCancelled where the encoder was stopped first,
  // kIo where it fails again and again. Of any thread.
  logfmt::Status wait_sealed(uint64_t request);
  // Removes what retention allows: nothing could be written for want of space.
  void make_room();
  // Whether there is room for another WAL below the store's limit. Any thread.
  bool has_room_for_wal();
  // Encodes what is worth a block and ends the thread. Also the destructor.
  void stop();
  void set_config(const StoreConfig& config);
  // There is more to take in than the intake can: what is to be encoded waits
  // for a moment, unless it has become much.
  void note_intake_busy() { intake_busy_us_ = monotonic_us(); }
  // Entries below it are in synced blocks.
  uint64_t encoded_seq() const { return encoded_seq_; }

 private:
  void run();
  bool work_waits() const;
  void yield_to_intake(std::unique_lock<std::mutex>& lock);
  std::vector<ClosedWal> next_group() const;
  bool encode_group(const std::vector<ClosedWal>& group, int level);
  bool encode_wal(const ClosedWal& wal, int level, std::string& damage);
  void leave_wal(const ClosedWal& wal, const std::string& damage);
  void take_up_segment();
  bool append_block(int level);
  bool segment_is_full() const;
  bool seal_segment();
  void report(std::string_view what, const logfmt::Error& error);

  const logfmt::StoreDir& store_;
  EventLog& events_;
  std::mutex mutex_;
  std::condition_variable wake_;
  StoreConfig config_;
  std::deque<ClosedWal> queue_;
  uint64_t queued_bytes_ = 0;
  bool seal_wanted_ = false;
  uint64_t seals_wanted_ = 0;  // how often
  uint64_t seals_done_ = 0;
  std::condition_variable sealed_;
  bool room_wanted_ = false;
  bool stopping_ = false;
  std::string last_report_{};
  std::atomic<uint64_t> intake_busy_us_{0};

  // The thread's own.
  StoreConfig thread_config_;
  uint64_t segment_bytes_max_ = UINT64_MAX;
  logfmt::BlockBuilder builder_;
  logfmt::UnitTally tally_;
  std::optional<UnsealedSegment> unsealed_;  // and not taken up yet
  std::optional<logfmt::SegmentWriter> segment_;
  std::atomic<uint64_t> encoded_seq_;
  IdleCare care_;
  std::thread thread_;
};

}  // namespace logd
