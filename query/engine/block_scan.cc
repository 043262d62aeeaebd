// Three passes, each over what the one before has left: columns, candidates
// by text, whole entries. Most blocks end after the first without their text
// having been decompressed, and most rows of the others are decided for all
// at once: by the block's header, and by the contexts.
#include "query/engine/block_scan.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <unordered_map>

#include "query/engine/text_candidates.h"

namespace logq {
namespace {

using logfmt::BlockReader;

// Few enough to stop early, enough to be worth a round.
constexpr size_t kRowsAtOnce = 1024;

struct Survivors {
  std::vector<uint32_t> rows;
  std::vector<Truth> contexts;  // by context id
};

bool all_in(const SeqRange& range, const logfmt::BlockHeader& header) {
  return header.first_seq >= range.begin && header.last_seq < range.end;
}

logfmt::EntryView without_payload(const BlockReader& block, uint32_t row) {
  logfmt::EntryView entry;
  entry.boot_id = block.boot(row);
  entry.pid = block.pid(row);
  entry.priority = block.priority(row);
  entry.context = block.context_fields(block.context(row));
  return entry;
}

// Drops the rows whose columns and contexts refuse the terms that contexts
// alone do not decide, and settles the contexts.
void decide_by_columns(const BlockReader& block, const Matcher& matcher,
                       Survivors& left) {
  // Few combinations occur, on many rows.
  std::unordered_map<uint64_t, bool> verdicts;
  static_assert(logfmt::kBlockRowsMax <= 1 << 16, "bounds the context");
  static_assert(logfmt::kBlockBootsMax <= 1 << 8);
  std::erase_if(left.rows, [&](uint32_t row) {
    const uint64_t context = block.context(row);
    if (left.contexts[context] == Truth::kYes) return false;
    const uint64_t key = uint64_t{block.boot_index(row)} << 56 | context << 40 |
                         uint64_t{block.pid(row)} << 8 |
                         uint64_t{block.priority(row)};
    const auto [known, added] = verdicts.try_emplace(key, false);
    if (added) {
      known->second = matcher.fields().matches(without_payload(block, row));
    }
    return !known->second;
  });
  std::replace(left.contexts.begin(), left.contexts.end(), Truth::kMaybe,
               Truth::kYes);
}

Survivors scan_columns(const BlockReader& block, const Matcher& matcher,
                       const BlockScope& scope) {
  Survivors left;
  for (uint32_t id = 0; id < block.context_count(); ++id) {
    left.contexts.push_back(matcher.judge_context(block.context_fields(id)));
  }
  const auto& contexts = left.contexts;
  const bool whole_range = all_in(scope.range, block.header());
  const bool any_row = whole_range && matcher.wants_all_rows(block.header());
  if (any_row && std::find(contexts.begin(), contexts.end(), Truth::kNo) ==
                     contexts.end()) {
    left.rows.resize(block.rows());
    std::iota(left.rows.begin(), left.rows.end(), 0);
    return left;
  }
  for (uint32_t row = 0; row < block.rows(); ++row) {
    if (contexts[block.context(row)] == Truth::kNo) continue;
    if (any_row || ((whole_range || scope.range.contains(block.seq(row))) &&
                    matcher.wants_row(block.seq(row), block.realtime_us(row),
                                      block.priority(row)) &&
                    matcher.wants_boot(block.boot(row)))) {
      left.rows.push_back(row);
    }
  }
  return left;
}

bool in_question(const Survivors& left, const Matcher& matcher) {
  return std::any_of(
      left.contexts.begin(), left.contexts.end(), [&](Truth context) {
        return context != Truth::kNo && matcher.needs_entry(context);
      });
}

// Makes the entries in question and keeps those that match. Begins at the end
// that is asked for, and stops when there are enough.
logfmt::Status match_entries(BlockReader& block, const Matcher& matcher,
                             const BlockScope& scope, Survivors& left) {
  if (scope.last_ones) std::reverse(left.rows.begin(), left.rows.end());
  std::vector<uint32_t> matches;
  std::span<const uint32_t> rest = left.rows;
  while (!rest.empty() && matches.size() < scope.matches_max) {
    const auto some = rest.first(std::min(rest.size(), kRowsAtOnce));
    rest = rest.subspan(some.size());
    LOGD_RETURN_IF_ERROR(block.load_payloads(some));
    for (const uint32_t row : some) {
      const Truth context = left.contexts[block.context(row)];
      if (matcher.matches(block.entry(row), context)) matches.push_back(row);
    }
  }
  if (scope.last_ones) std::reverse(matches.begin(), matches.end());
  left.rows = std::move(matches);
  return {};
}

void keep_asked_for(const BlockScope& scope, std::vector<uint32_t>& rows) {
  if (rows.size() <= scope.matches_max) return;
  const auto beyond =
      static_cast<std::ptrdiff_t>(rows.size() - scope.matches_max);
  if (scope.last_ones) {
    rows.erase(rows.begin(), rows.begin() + beyond);
  } else {
    rows.erase(rows.end() - beyond, rows.end());
  }
}

}  // namespace

logfmt::Result<std::vector<uint32_t>> matching_rows(BlockReader& block,
                                                    const Matcher& matcher,
                                                    const BlockScope& scope) {
  Survivors left = scan_columns(block, matcher, scope);
  if (scope.columns_decide) decide_by_columns(block, matcher, left);
  if (!left.rows.empty()) {
    LOGD_RETURN_IF_ERROR(keep_candidates(block, matcher.text(), left.rows));
  }
  if (left.rows.empty()) return std::move(left.rows);
  if (in_question(left, matcher)) {
    LOGD_RETURN_IF_ERROR(match_entries(block, matcher, scope, left));
  } else {
    keep_asked_for(scope, left.rows);
    LOGD_RETURN_IF_ERROR(block.load_payloads(left.rows));
  }
  block.drop_text();
  return std::move(left.rows);
}

}  // namespace logq
