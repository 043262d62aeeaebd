// Where all inputs end: a Message and its sender become a row of the store.
// One thread, the intake's.
#pragma once

#include <array>
#include <cstdint>

#include "logd/event_log.h"
#include "logd/identity/rate_limiter.h"
#include "logd/identity/sender_cache.h"
#include "logd/identity/supervised.h"
#include "logd/intake/message.h"
#include "logd/store/store_writer.h"

namespace logd {

// What was stored and what was not, since this worker began.
struct IntakeCounters {
  uint64_t entries = 0;
  std::array<uint64_t, kDropCauses> drops{};  // by cause

  uint64_t dropped(DropCause cause) const {
    return drops[static_cast<size_t>(cause)];
  }
};

class EntrySink {
 public:
  EntrySink(StoreWriter& store, const HostFacts& host,
            const LimitsConfig& limits)
      : store_(store), senders_(host, sessions_), limiter_(limits) {}

  Sender& sender(const Credentials& credentials, uint64_t now_us) {
    return senders_.find(credentials, now_us);
  }
  SenderContext& context(Sender& sender, const ContextKey& key) {
    return senders_.context(sender, key);
  }
  SupervisedSessions& sessions() { return sessions_; }
  const IntakeCounters& counters() const { return counters_; }
  RateLimiter& limiter() { return limiter_; }

  // Counts what does not become an entry.
  void refuse(DropCause cause, const DropAmount& amount);
  // Or is counted instead: beyond a limit, or there is no room.
  void store(const Message& message, SenderContext& context,
             uint64_t realtime_us, pid_t pid);
  // An entry of the daemon itself.
  void store_event(const Event& event);
  // Makes entries of what was counted: when it is due, as soon as reports may
  // follow each other, or all of it now. How long until there is more.
  enum class Report { kDue, kSoon, kNow };
  uint64_t report_drops(Report when);
  // Makes what was stored so far count.
  void commit() { store_.commit(); }
  // The same, where there is anything that does not count yet.
  void commit_rest();
  // The same, and so many pieces of the batch under way are over.
  void commit_batch(size_t taken);
  // Moves a large frame out of the way; it does not count yet.
  bool stage_if_large() { return store_.stage_if_large(); }
  LandingZone& zone() { return store_.zone(); }

 private:
  void count_drop(DropCause cause, const logfmt::Owner& owner,
                  const DropAmount& amount);

  StoreWriter& store_;
  SupervisedSessions sessions_;
  SenderCache senders_;
  RateLimiter limiter_;
  IntakeCounters counters_;
  Message event_message_;
  uint64_t reported_us_ = 0;
};

}  // namespace logd
