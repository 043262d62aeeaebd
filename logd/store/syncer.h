// Makes written WAL frames durable, in a thread of its own.
//
// fdatasync runs an interval after the first unsynced byte, or at once where
// that is asked for; many requests become one call. A failed fdatasync is not
// tried again: the kernel may have dropped the pages and would then report
// success for data that is not there. The file counts as suspect from then on
// and the writer has to leave it.
//
// note_written() and the getters may be called from any thread; nothing here
// blocks on the disk but the syncer's own thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "format/store_dir.h"
#include "format/wal_writer.h"

namespace logd {

enum class Urgency : uint8_t { kWithinInterval, kAtOnce };

class Syncer {
 public:
  Syncer(const logfmt::StoreDir& store, std::chrono::microseconds interval);
  ~Syncer();
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  // All entries below next_seq have been written, the last of them to `wal`.
  void note_written(const std::shared_ptr<const logfmt::WalWriter>& wal,
                    uint64_t next_seq, Urgency urgency);
  // Returns when all that was noted before the call has been tried.
  void wait();
  // Returns when the entries below `seq`, which were noted before, are on the
  // disk; kIo where the disk has failed. More may be noted meanwhile.
  logfmt::Status wait_durable(uint64_t seq);

  // Entries below this are known to be on the disk. Stands still for good once
  // a sync has failed: what that file held is not known to be there.
  uint64_t durable_seq() const { return durable_seq_; }
  // True once for every file whose fdatasync failed.
  bool take_failure() { return failed_.exchange(false); }
  void set_interval(std::chrono::microseconds interval);

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void sync_all_dirty(std::unique_lock<std::mutex>& lock);
  bool sync(const std::shared_ptr<const logfmt::WalWriter>& wal);

  const logfmt::StoreDir& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::vector<std::shared_ptr<const logfmt::WalWriter>> dirty_;
  uint64_t written_seq_ = 0;
  uint64_t tried_seq_ = 0;  // entries below it were synced, or that failed
  Clock::time_point deadline_{};
  std::chrono::microseconds interval_;
  bool at_once_ = false;
  bool busy_ = false;
  bool stopping_ = false;
  std::atomic<uint64_t> durable_seq_{0};
  std::atomic<bool> failed_{false};
  // The thread's own.
  std::string durable_name_{};  // the last file whose name is on the disk
  std::string suspect_name_{};  // never synced again
  std::thread thread_;
};

}  // namespace logd
