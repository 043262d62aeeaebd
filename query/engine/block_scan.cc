// Three passes, each over what the one before has left: columns, literals,
// whole entries. Most blocks end after the first without their text having
// been decompressed.
#include "query/engine/block_scan.h"

namespace logq {
namespace {

using logfmt::BlockReader;

struct Survivors {
  std::vector<uint32_t> rows;
  std::vector<Truth> contexts;  // by context id
  bool in_question = false;     // some row needs its whole entry
};

Survivors scan_columns(const BlockReader& block, const Matcher& matcher) {
  Survivors left;
  for (uint32_t id = 0; id < block.context_count(); ++id) {
    left.contexts.push_back(matcher.judge_context(block.context_fields(id)));
  }
  for (uint32_t row = 0; row < block.rows(); ++row) {
    const Truth context = left.contexts[block.context(row)];
    if (context == Truth::kNo ||
        !matcher.wants_row(block.seq(row), block.realtime_us(row),
                           block.priority(row))) {
      continue;
    }
    left.rows.push_back(row);
    left.in_question = left.in_question || matcher.needs_entry(context);
  }
  return left;
}

// Keeps the rows where a literal occurs. A hit that spans two rows or lies in
// another field lets a row pass that does not match; it never hides one.
void keep_candidates(const BlockReader& block, const TextMatcher& text,
                     std::vector<uint32_t>& rows) {
  const std::string_view all = block.all_payloads();
  std::vector<bool> candidate(block.rows(), false);
  for (const LiteralSearch& literal : text.literals()) {
    size_t from = 0;
    while ((from = literal.find(all, from)) != std::string_view::npos) {
      const size_t row = block.row_at(from);
      candidate[row] = true;
      const std::string_view payload = block.payload(row);
      from = static_cast<size_t>(payload.data() - all.data()) + payload.size();
    }
  }
  std::erase_if(rows, [&](uint32_t row) { return !candidate[row]; });
}

}  // namespace

logfmt::Result<std::vector<uint32_t>> matching_rows(BlockReader& block,
                                                    const Matcher& matcher) {
  Survivors left = scan_columns(block, matcher);
  if (left.rows.empty()) return std::move(left.rows);
  LOGD_RETURN_IF_ERROR(block.load_payloads());
  if (!left.in_question) return std::move(left.rows);
  if (!matcher.text().literals().empty()) {
    keep_candidates(block, matcher.text(), left.rows);
  }
  std::erase_if(left.rows, [&](uint32_t row) {
    const Truth context = left.contexts[block.context(row)];
    return !matcher.matches(block.entry(row), context);
  });
  return std::move(left.rows);
}

}  // namespace logq
