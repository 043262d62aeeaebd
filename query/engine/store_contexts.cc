#include "query/engine/store_contexts.h"

#include <string_view>

#include "format/entry.h"

namespace logq {
namespace {

using Visit = std::function<void(const logfmt::FieldList&)>;

std::vector<logfmt::Gap> visit_segment(const logfmt::SegmentReader& segment,
                                       const Visit& visit) {
  std::vector<logfmt::Gap> gaps = segment.gaps();
  for (size_t i = 0; i < segment.blocks().size(); ++i) {
    const auto block = segment.read_block(i);
    if (!block) {
      gaps.push_back(segment.block_gap(i, block.error().message()));
      continue;
    }
    for (uint32_t id = 0; id < block->context_count(); ++id) {
      visit(block->context_fields(id));
    }
  }
  return gaps;
}

std::vector<logfmt::Gap> visit_wal(logfmt::WalReader& wal, const Visit& visit) {
  if (!wal.refresh()) return {};
  const char* last = nullptr;
  for (logfmt::EntryView entry; wal.next(entry);) {
    const char* const at = entry.context.encoded().data();
    if (std::exchange(last, at) != at) visit(entry.context);
  }
  return wal.take_gaps();
}

}  // namespace

std::vector<logfmt::Gap> for_each_context(Snapshot& snapshot, size_t file,
                                          const Visit& visit) {
  if (const auto& gap = snapshot.files()[file].gap) return {*gap};
  if (auto wal = snapshot.take_wal(file)) return visit_wal(*wal, visit);
  const auto segment = snapshot.open_segment(file);
  if (segment) return visit_segment(*segment, visit);
  return {};
}

}  // namespace logq
