// Rebuilds what can be derived in a damaged store, and deletes nothing.
//
//   file header   of a segment: from its name and its blocks
//   footer        from the blocks
//   block header  from the footer's copy
//   a lost block  cannot be had again: the others go to a new file, and the
//                 old one stays as NAME.damaged
//
// WALs are not touched: logd takes in what it can of them when it starts, and
// so is a segment that is not sealed yet, unless it is damaged and there is no
// writer. Replacing follows the rules of format/segment_rewrite.h: aside,
// synced, renamed, and only if the file is still the one that was read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/store_dir.h"

namespace logfmt {

enum class RepairOutcome : uint8_t {
  kSound,   // there was nothing to do
  kMended,  // and all that the file held is there
  kPartly,  // the rest is kept as NAME.damaged
  kLeft,    // as it is; `what` says why
};

struct RepairStep {
  std::string name{};
  RepairOutcome outcome = RepairOutcome::kSound;
  uint64_t entries = 0;  // in the file now
  std::string what{};    // for a person; empty for kSound
};

// A step for each file, in order. `store` must not be locked by the caller.
Result<std::vector<RepairStep>> repair_store(StoreDir& store);

}  // namespace logfmt
