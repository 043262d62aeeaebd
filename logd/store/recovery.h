// What a starting daemon finds in its store, and makes of it.
//
// Nothing found here is fatal: a file that cannot be read is set aside under
// another name, with an event that says so, and the daemon starts. WALs that a
// dead daemon left are closed: what does not check at their end was never
// promised to anybody and is cut off; what does is handed to the encoder. No
// sequence number is given again that a damaged file may have held.
#pragma once

#include <cstdint>
#include <vector>

#include "format/store_dir.h"
#include "logd/event_log.h"
#include "logd/store/encoder.h"

namespace logd {

struct RecoveredStore {
  uint64_t next_seq = 1;
  uint64_t last_batch_id = 0;
  EncodedStore encoded{};
  std::vector<ClosedWal> wals{};  // for the encoder, in order
};

// The store is locked by the caller.
logfmt::Result<RecoveredStore> recover_store(const logfmt::StoreDir& store,
                                             EventLog& events);

}  // namespace logd
