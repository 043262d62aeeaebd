// What makes a store smaller when there is nothing better to do: sealed
// segments are compressed anew at the best level, runs of small ones merged,
// and units kept within their limits. A thread of its own under SCHED_IDLE.
//
// It begins when it has been woken, because a segment was sealed or the limits
// changed, and nobody has paused it for a while; it ends when nothing is left
// to do. While units have a limit of age it also begins each hour. Otherwise
// it sleeps without waking up. A segment's header says at which level it was
// rewritten, so nothing is done twice. Whoever pauses or stops it waits for no
// more than the block that is being compressed, less than a second of work.
//
// It changes files by format/segment_rewrite.h only, so it needs no agreement
// with other threads and processes. Member functions may be called by any
// thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include "format/segment_rewrite.h"
#include "logd/config.h"
#include "logd/event_log.h"
#include "logd/store/merge_choice.h"

namespace logd {

inline constexpr std::chrono::milliseconds kQuietBefore{5000};

class IdleCare {
 public:
  // It begins when so long after a wake() nothing has happened.
  IdleCare(const logfmt::StoreDir& store, const StoreConfig& config,
           EventLog& events, std::chrono::milliseconds quiet = kQuietBefore);
  ~IdleCare() { stop(); }
  IdleCare(const IdleCare&) = delete;
  IdleCare& operator=(const IdleCare&) = delete;

  // There may be something to do.
  void wake();
  void set_config(const StoreConfig& config);
  // Paused, it holds still, and goes on later with what it was doing.
  void set_paused(bool paused);
  // What it is doing is undone, to be begun again when all is quiet: the space
  // is needed.
  void cancel();
  // Ends the thread, the first call without waiting for it.
  void begin_stop();
  void stop();

 private:
  void run();
  bool wait(std::unique_lock<std::mutex>& lock);
  bool interrupted();
  logfmt::Status work(const StoreConfig& config);
  logfmt::Result<bool> improve_one(const StoreConfig& config);
  logfmt::Result<std::vector<SegmentFacts>> look_around();
  SegmentFacts look_at(const logfmt::StoreFile& file) const;
  logfmt::Result<bool> rewrite(std::span<const SegmentFacts> segments,
                               const StoreConfig& config);

  const logfmt::StoreDir& store_;
  EventLog& events_;
  const std::chrono::milliseconds quiet_;
  std::mutex mutex_;
  std::condition_variable changed_;
  StoreConfig config_;
  bool woken_ = true;  // what an earlier daemon left undone
  bool paused_ = false;
  bool cancelled_ = false;
  bool stopping_ = false;

  // The thread's own.
  std::map<logfmt::FileIdentity, SegmentFacts> known_;
  std::set<logfmt::FileIdentity> refused_;
  std::thread thread_;
};

}  // namespace logd
