// Where all inputs end: a Message and its sender become a row of the store.
// One thread, the intake's.
#pragma once

#include <cstdint>

#include "logd/event_log.h"
#include "logd/identity/sender_cache.h"
#include "logd/identity/supervised.h"
#include "logd/intake/message.h"
#include "logd/store/store_writer.h"

namespace logd {

// What the intake refused, by cause; for the daemon's own entries.
struct IntakeCounters {
  uint64_t entries = 0;
  uint64_t refused_datagrams = 0;  // empty, too large, bad descriptors
  uint64_t refused_entries = 0;    // beyond a limit of the native protocol
  uint64_t refused_fields = 0;     // names that clients may not use
  uint64_t refused_streams = 0;    // bad header, too many
};

class EntrySink {
 public:
  EntrySink(StoreWriter& store, const HostFacts& host)
      : store_(store), senders_(host, sessions_) {}

  Sender& sender(const Credentials& credentials, uint64_t now_us) {
    return senders_.find(credentials, now_us);
  }
  logfmt::WalContext& context(Sender& sender, const ContextKey& key) {
    return senders_.context(sender, key);
  }
  SupervisedSessions& sessions() { return sessions_; }
  IntakeCounters& counters() { return counters_; }

  void store(const Message& message, logfmt::WalContext& context,
             uint64_t realtime_us, pid_t pid);
  // An entry of the daemon itself.
  void store_event(const Event& event);
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
  StoreWriter& store_;
  SupervisedSessions sessions_;
  SenderCache senders_;
  IntakeCounters counters_;
  Message event_message_;
};

}  // namespace logd
