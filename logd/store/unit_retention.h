// Carries out the limits of single units (format/unit_limits.h) on a store.
#pragma once

#include <functional>
#include <span>

#include "format/unit_limits.h"
#include "logd/event_log.h"

namespace logd {

struct UnitRetention {
  std::span<const logfmt::UnitLimit> limits{};
  int level = logfmt::kRewriteLevelQuick;
  std::function<bool()> cancelled{};
};

// Rewrites the segments from which something has to go and posts an event for
// each. Damaged ones are passed over. kCancelled where that was asked for.
logfmt::Status enforce_unit_limits(const logfmt::StoreDir& store,
                                   const UnitRetention& retention,
                                   EventLog& events);

}  // namespace logd
