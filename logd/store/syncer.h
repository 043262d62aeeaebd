// Makes written WAL frames durable, in a thread of its own.
//
// fdatasync runs an interval after the first unsynced byte, or at once where
// that is asked for; many requests become one call. A failed fdatasync is not
// tried again: the kernel may have dropped the pages and would then report
// success for data that is not there. The file counts as failed from then on;
// nothing is known to be on the disk any more until its writer has copied it
// elsewhere and says so.
//
// note_written() and the getters may be called from any thread; nothing here
// blocks on the disk but the syncer's own thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
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
  // `left`: names of closed files that another worker may not have come to
  // sync. Nothing is reported as being on the disk before they are.
  Syncer(const logfmt::StoreDir& store, std::chrono::microseconds interval,
         std::vector<std::string> left = {});
  ~Syncer();
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  // All entries below next_seq have been written, the last of them to `wal`.
  void note_written(const std::shared_ptr<const logfmt::WalWriter>& wal,
                    uint64_t next_seq, Urgency urgency);
  // What was noted is synced at once; nobody waits for it.
  void sync_soon();
  // Returns when all that was noted before the call has been tried.
  void wait();
  // Returns when the entries below `seq`, which were noted before, are on the
  // disk; kIo where the disk has failed. More may be noted meanwhile.
  logfmt::Status wait_durable(uint64_t seq);

  // Entries below this are known to be on the disk.
  uint64_t durable_seq() const { return durable_seq_; }
  // Called by the syncer's thread when a file has failed.
  void set_on_failure(std::function<void()> call);
  // The files that have failed and are not mended, with the number after the
  // last entry that was written to each.
  struct Failed {
    std::shared_ptr<const logfmt::WalWriter> wal;
    uint64_t next_seq = 0;
  };
  std::vector<Failed> failed();
  // It has failed under another worker.
  void distrust(Failed file);
  // What failed is elsewhere now; `copy`, if any, is to be synced.
  void mend(const std::shared_ptr<const logfmt::WalWriter>& copy);
  void set_interval(std::chrono::microseconds interval);

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void sync_all_dirty(std::unique_lock<std::mutex>& lock);
  bool sync(const logfmt::WalWriter& wal);
  bool sync_left();

  const logfmt::StoreDir& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::vector<Failed> dirty_;  // and not yet tried
  std::vector<Failed> failed_;
  std::function<void()> on_failure_;
  uint64_t written_seq_ = 0;
  uint64_t tried_seq_ = 0;  // entries below it were synced, or that failed
  Clock::time_point deadline_{};
  std::chrono::microseconds interval_;
  bool at_once_ = false;
  bool busy_ = false;
  bool stopping_ = false;
  std::atomic<uint64_t> durable_seq_{0};
  std::atomic<bool> renamed_{false};  // the disk may not know a file's name
  // The thread's own.
  std::vector<std::string> left_;
  bool left_failed_ = false;
  std::string durable_name_{};  // the last file whose name is on the disk
  std::thread thread_;
};

}  // namespace logd
