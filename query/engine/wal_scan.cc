#include "query/engine/wal_scan.h"

namespace logq {

bool WalScan::next(const Matcher& matcher, logfmt::EntryView& entry) {
  const bool boot_wanted = matcher.wants_boot(wal_.header().boot);
  while (wal_.next(entry)) {
    if (!boot_wanted || entry.seq < from_seq_ ||
        !matcher.wants_row(entry.seq, entry.realtime_us, entry.priority)) {
      continue;
    }
    const Truth context = judge(matcher, entry.context);
    if (context != Truth::kNo && matcher.matches(entry, context)) return true;
  }
  return false;
}

Truth WalScan::judge(const Matcher& matcher, const logfmt::FieldList& context) {
  const auto [known, added] =
      verdicts_.try_emplace(context.encoded().data(), Truth::kNo);
  if (added) known->second = matcher.judge_context(context);
  return known->second;
}

}  // namespace logq
