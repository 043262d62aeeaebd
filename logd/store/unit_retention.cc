#include "logd/store/unit_retention.h"

#include <algorithm>
#include <set>
#include <string>

#include "logd/clock.h"

namespace logd {
namespace {

using logfmt::ErrorCode;
using logfmt::SegmentCut;

// Each round ends because another process rewrites as well, or at a damaged
// segment, which no later round asks for.
constexpr int kRoundsMax = 32;

void post_cut(const SegmentCut& cut, const logfmt::RewriteOutcome& outcome,
              EventLog& events) {
  std::string units;
  for (const logfmt::UnitCut& unit : cut.cuts) {
    units += (units.empty() ? "" : ", ") + unit.owner.name;
  }
  const std::string count = std::to_string(outcome.entries_dropped);
  events.post({.kind = EventKind::kEvicted,
               .priority = 6,
               .message = "removed " + count + " entries of " + units +
                          " from " + cut.file.name +
                          ", the oldest, to keep the limits of the unit",
               .fields = {{"CAUSE", "unit"}, {"N_DROPPED", count}},
               .about = cut.cuts.front().owner});
}

}  // namespace

logfmt::Status enforce_unit_limits(const logfmt::StoreDir& store,
                                   const UnitRetention& retention,
                                   EventLog& events) {
  std::set<std::string> damaged;
  for (int round = 0; round < kRoundsMax; ++round) {
    auto files = store.list();
    if (!files) return logfmt::fail(files.error());
    std::erase_if(*files, [&](const logfmt::StoreFile& file) {
      return damaged.contains(file.name);
    });
    const uint64_t now_us = realtime_us();
    const auto plan =
        logfmt::plan_cuts(logfmt::read_uses(store, *files), retention.limits,
                          now_us, logfmt::Cutting::kWhenWorthIt);
    bool done = true;
    for (const SegmentCut& cut : plan) {
      const auto outcome =
          logfmt::rewrite(store, {&cut.file, 1},
                          {.keep = logfmt::keep_after(cut.cuts),
                           .level = retention.level,
                           .cancelled = retention.cancelled,
                           .now_us = now_us});
      if (outcome) {
        post_cut(cut, *outcome, events);
        continue;
      }
      done = false;
      const ErrorCode code = outcome.error().code;
      if (code == ErrorCode::kChanged) break;
      if (code != ErrorCode::kCorrupt && code != ErrorCode::kLimit) {
        return logfmt::fail(outcome.error());
      }
      damaged.insert(cut.file.name);
    }
    if (done) return {};
  }
  return {};
}

}  // namespace logd
