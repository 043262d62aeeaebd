// Names and values come from where they cost least: the footers know all
// field names and all identifiers of their segments, the header of a block
// its boot and its priorities. Only the rest is read entry by entry.
#include "query/engine/field_values.h"

#include <limits>

#include "format/entry.h"
#include "query/engine/search.h"
#include "query/engine/stored_columns.h"

namespace logq {
namespace {

using logfmt::EntryView;
using logfmt::fail;
using logfmt::FieldList;
using logfmt::SegmentReader;
using logfmt::Status;
using logfmt::StoreDir;

// Reads all entries, but offers each segment as a whole first: true from
// `take_segment` means that its entries need not be read.
class EntryWalk {
 public:
  EntryWalk(Snapshot snapshot, DistinctValues& out)
      : snapshot_(std::move(snapshot)), out_(out) {}

  template <class TakeSegment, class Visit>
  void run(TakeSegment take_segment, Visit visit) {
    for (size_t i = 0; i < snapshot_.files().size(); ++i) {
      const auto& file = snapshot_.files()[i];
      if (file.gap) {
        out_.gaps.push_back(*file.gap);
      } else if (file.kind == logfmt::StoreFileKind::kWal) {
        walk_wal(i, visit);
      } else if (const auto segment = snapshot_.open_segment(i)) {
        if (!take_segment(*segment)) walk_segment(*segment, visit);
      }
    }
  }

 private:
  template <class Visit>
  void walk_segment(const SegmentReader& segment, Visit visit) {
    for (size_t i = 0; i < segment.blocks().size(); ++i) {
      auto block = segment.read_block(i);
      const auto status = block ? block->load_payloads()
                                : Status(fail(std::move(block.error())));
      if (!status) {
        out_.gaps.push_back(segment.block_gap(i, status.error().message()));
        continue;
      }
      for (size_t row = 0; row < block->rows(); ++row) visit(block->entry(row));
    }
  }

  template <class Visit>
  void walk_wal(size_t file, Visit visit) {
    auto wal = snapshot_.take_wal(file);
    if (!wal || !wal->refresh()) return;
    for (EntryView entry; wal->next(entry);) visit(entry);
    for (auto& gap : wal->take_gaps()) out_.gaps.push_back(std::move(gap));
  }

  Snapshot snapshot_;
  DistinctValues& out_;
};

void add_all(const logfmt::NameTable& names, DistinctValues& out) {
  for (const auto& [name, blocks] : names) out.add(name);
}

// Whether the segment's footer and headers tell all values of the field.
bool take_values(const SegmentReader& segment, std::string_view field,
                 DistinctValues& out) {
  if (field == logfmt::field::kBootId) {
    for (const auto& [offset, block] : segment.blocks()) {
      out.add(block.boot.hex());
    }
    return true;
  }
  if (field == logfmt::field::kPriority) {
    for (const auto& [offset, block] : segment.blocks()) {
      for (unsigned level = 0; level < logfmt::kNoPriority; ++level) {
        if (block.priority_mask >> level & 1) out.add(std::to_string(level));
      }
    }
    return true;
  }
  if (!segment.sealed()) return false;
  if (field == logfmt::field::kIdentifier) {
    add_all(segment.footer().identifiers, out);
    return true;
  }
  const bool column =
      field == logfmt::field::kPid || field == kSourceRealtimeField;
  return !column && !segment.footer().fields.contains(field);
}

void add_values(const FieldList& fields, std::string_view name,
                DistinctValues& out) {
  for (const logfmt::Field& field : fields) {
    if (field.name == name) out.add(field.value);
  }
}

}  // namespace

void DistinctValues::add(std::string_view value) {
  const auto at = values.lower_bound(value);
  if (at != values.end() && *at == value) return;
  if (values.size() >= kDistinctValuesMax ||
      bytes + value.size() > kDistinctBytesMax) {
    complete = false;
    return;
  }
  values.emplace_hint(at, value);
  bytes += value.size();
}

Status collect_values(const StoreDir& store, std::string_view field,
                      DistinctValues& out) {
  auto snapshot = Snapshot::take(store);
  if (!snapshot) return fail(std::move(snapshot.error()));
  EntryWalk walk(std::move(*snapshot), out);
  walk.run(
      [&](const SegmentReader& segment) {
        return take_values(segment, field, out);
      },
      [&](const EntryView& entry) {
        add_values(entry.context, field, out);
        add_values(entry.payload, field, out);
        if (const auto column = column_value(entry, field)) out.add(*column);
      });
  return {};
}

Status collect_field_names(const StoreDir& store, DistinctValues& out) {
  auto snapshot = Snapshot::take(store);
  if (!snapshot) return fail(std::move(snapshot.error()));
  for (const auto name : {logfmt::field::kBootId, logfmt::field::kPriority,
                          logfmt::field::kPid, kSourceRealtimeField}) {
    out.add(name);
  }
  EntryWalk walk(std::move(*snapshot), out);
  walk.run(
      [&](const SegmentReader& segment) {
        if (segment.sealed()) add_all(segment.footer().fields, out);
        return segment.sealed();
      },
      [&](const EntryView& entry) {
        for (const auto& field : entry.context) out.add(field.name);
        for (const auto& field : entry.payload) out.add(field.name);
      });
  return {};
}

logfmt::Result<uint64_t> disk_bytes(const StoreDir& store) {
  const auto files = store.list();
  if (!files) return fail(files.error());
  uint64_t bytes = 0;
  for (const auto& file : *files) bytes += file.disk_bytes;
  return bytes;
}

}  // namespace logq
