// Boots are read from the headers of blocks, from the rows of those few blocks
// that hold several, and from the WALs. Boots come in the order in which the
// stores first name them: sequence numbers and not clocks say which was
// earlier.
#include "query/engine/boots.h"

#include <algorithm>

#include "query/engine/snapshot.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::Id128;
using logfmt::Result;

void widen(std::vector<BootRange>& boots, const BootRange& seen) {
  const auto known =
      std::find_if(boots.rbegin(), boots.rend(),
                   [&](const BootRange& boot) { return boot.id == seen.id; });
  if (known == boots.rend()) {
    boots.push_back(seen);
    return;
  }
  known->first_us = std::min(known->first_us, seen.first_us);
  known->last_us = std::max(known->last_us, seen.last_us);
}

void add_rows(const logfmt::SegmentReader& segment, size_t index,
              std::vector<BootRange>& boots) {
  const auto block = segment.read_block(index);
  if (!block) return;
  for (size_t row = 0; row < block->rows(); ++row) {
    widen(boots, {.id = block->boot(row),
                  .first_us = block->realtime_us(row),
                  .last_us = block->realtime_us(row)});
  }
}

void add_segment(const logfmt::SegmentReader& segment,
                 std::vector<BootRange>& boots) {
  for (size_t i = 0; i < segment.blocks().size(); ++i) {
    const logfmt::BlockHeader& block = segment.blocks()[i].header;
    if (block.several_boots) {
      add_rows(segment, i, boots);
      continue;
    }
    widen(boots, {.id = block.boot,
                  .first_us = block.min_realtime_us,
                  .last_us = block.max_realtime_us});
  }
}

logfmt::Status add_store(const logfmt::StoreDir& store,
                         std::vector<BootRange>& boots) {
  auto snapshot = Snapshot::take(store);
  if (!snapshot) return fail(std::move(snapshot.error()));
  for (size_t i = 0; i < snapshot->files().size(); ++i) {
    if (const auto segment = snapshot->open_segment(i)) {
      add_segment(*segment, boots);
    } else if (auto wal = snapshot->take_wal(i); wal && wal->refresh()) {
      for (logfmt::EntryView entry; wal->next(entry);) {
        widen(boots, {.id = entry.boot_id,
                      .first_us = entry.realtime_us,
                      .last_us = entry.realtime_us});
      }
    }
  }
  return {};
}

}  // namespace

Result<std::vector<BootRange>> list_boots(
    std::span<const logfmt::StoreDir> stores) {
  std::vector<BootRange> boots;
  for (const logfmt::StoreDir& store : stores) {
    LOGD_RETURN_IF_ERROR(add_store(store, boots));
  }
  if (stores.size() > 1) {
    std::stable_sort(boots.begin(), boots.end(),
                     [](const BootRange& a, const BootRange& b) {
                       return a.first_us < b.first_us;
                     });
  }
  return boots;
}

Result<Id128> resolve_boot(std::span<const logfmt::StoreDir> stores,
                           const BootSelector& selector) {
  if (selector.id && selector.offset == 0) return *selector.id;
  const auto boots = list_boots(stores);
  if (!boots) return fail(boots.error());
  const auto count = static_cast<int64_t>(boots->size());
  const auto none = [count] {
    return fail(logfmt::ErrorCode::kNotFound,
                "there is no such boot in the store; it knows " +
                    std::to_string(count) + " (see --list-boots)");
  };
  // Any offset may be asked for, and it is added to below.
  if (selector.offset > count || selector.offset < -count) return none();
  // Without an id, 1 is the oldest boot and 0 the newest.
  int64_t index =
      selector.offset > 0 ? selector.offset - 1 : count - 1 + selector.offset;
  if (selector.id) {
    const auto known = std::find_if(
        boots->begin(), boots->end(),
        [&](const BootRange& boot) { return boot.id == *selector.id; });
    index = known == boots->end() ? count
                                  : known - boots->begin() + selector.offset;
  }
  if (index < 0 || index >= count) return none();
  return (*boots)[static_cast<size_t>(index)].id;
}

}  // namespace logq
