// What a starting daemon finds in its store, and makes of it.
//
// Nothing found here is fatal: a file that cannot be read is set aside under
// another name, with an event that says so, and the daemon starts. WALs that a
// dead daemon left are closed: what does not check at their end was never
// promised to anybody and is cut off; what does is handed to the encoder. No
// sequence number is given again that a damaged file may have held.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "format/store_dir.h"
#include "logd/event_log.h"
#include "logd/store/encoder.h"
#include "logd/store/wal_thread.h"

namespace logd {

struct RecoveredStore {
  uint64_t next_seq = 1;
  // Entries below it are in files.
  uint64_t written_seq = 1;
  // To go on with, where that was asked for and can be.
  OpenWal open_wal{};
  EncodedStore encoded{};
  std::vector<ClosedWal> wals{};  // for the encoder, in order
};

struct RecoveryOptions {
  // A worker takes over from one that died: the WAL that was open and of this
  // boot stays so. It is a matter of every day and not worth an event.
  std::optional<logfmt::Id128> resume_boot{};
};

// The store is locked by the caller.
logfmt::Result<RecoveredStore> recover_store(
    const logfmt::StoreDir& store, EventLog& events,
    const RecoveryOptions& options = {});

}  // namespace logd
