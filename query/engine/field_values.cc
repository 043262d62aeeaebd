// Names and values come from where they cost least: the footers know all
// field names and all identifiers of their segments, the header of a block
// its boot and its priorities. Fields of senders are in the contexts. Only the
// rest is read entry by entry.
#include "query/engine/field_values.h"

#include "format/entry.h"
#include "query/engine/field_matcher.h"
#include "query/engine/snapshot.h"
#include "query/engine/store_contexts.h"
#include "query/engine/stored_columns.h"

namespace logq {
namespace {

using logfmt::EntryView;
using logfmt::fail;
using logfmt::FieldList;
using logfmt::SegmentReader;
using logfmt::Status;
using logfmt::StoreDir;

void add_gaps(std::vector<logfmt::Gap> gaps, DistinctValues& out) {
  for (auto& gap : gaps) out.gaps.push_back(std::move(gap));
}

template <class Visit>
void walk_segment(const SegmentReader& segment, DistinctValues& out,
                  Visit visit) {
  add_gaps(segment.gaps(), out);
  for (size_t i = 0; i < segment.blocks().size(); ++i) {
    auto block = segment.read_block(i);
    const auto status =
        block ? block->load_payloads() : Status(fail(std::move(block.error())));
    if (!status) {
      out.gaps.push_back(segment.block_gap(i, status.error().message()));
      continue;
    }
    for (size_t row = 0; row < block->rows(); ++row) visit(block->entry(row));
  }
}

template <class Visit>
void walk_wal(logfmt::WalReader& wal, DistinctValues& out, Visit visit) {
  if (!wal.refresh()) return;
  for (EntryView entry; wal.next(entry);) visit(entry);
  add_gaps(wal.take_gaps(), out);
}

// Goes over the files. `take_segment` may know all of a segment without its
// entries and says so; `read` is given the number of a file whose entries have
// to be read, and the segment if it is one.
template <class TakeSegment, class Read>
void for_each_file(Snapshot& snapshot, DistinctValues& out,
                   TakeSegment take_segment, Read read) {
  for (size_t i = 0; i < snapshot.files().size(); ++i) {
    const auto& file = snapshot.files()[i];
    if (file.gap) {
      out.gaps.push_back(*file.gap);
      continue;
    }
    if (file.kind == logfmt::StoreFileKind::kWal) {
      read(i, nullptr);
      continue;
    }
    const auto segment = snapshot.open_segment(i);
    if (!segment) {
      if (segment.error().code != logfmt::ErrorCode::kNotFound) {
        out.gaps.push_back(snapshot.file_gap(file.name, file.first_seq,
                                             segment.error().message()));
      }
      continue;
    }
    if (!take_segment(*segment)) read(i, &*segment);
    if (auto hole = snapshot.hole_behind(i, *segment)) {
      out.gaps.push_back(std::move(*hole));
    }
  }
}

template <class Visit>
void walk_entries(Snapshot& snapshot, size_t file, const SegmentReader* segment,
                  DistinctValues& out, Visit visit) {
  if (segment != nullptr) return walk_segment(*segment, out, visit);
  if (auto wal = snapshot.take_wal(file)) walk_wal(*wal, out, visit);
}

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
  const bool in_contexts =
      is_sender_field(field) || field == logfmt::field::kIdentifier;
  const auto take = [&](const SegmentReader& segment) {
    return take_values(segment, field, out);
  };
  const auto read = [&](size_t file, const SegmentReader* segment) {
    if (in_contexts) {
      const auto add = [&](const FieldList& context) {
        add_values(context, field, out);
      };
      return add_gaps(for_each_context(*snapshot, file, add), out);
    }
    walk_entries(*snapshot, file, segment, out, [&](const EntryView& entry) {
      add_values(entry.context, field, out);
      add_values(entry.payload, field, out);
      if (const auto column = column_value(entry, field)) out.add(*column);
    });
  };
  for_each_file(*snapshot, out, take, read);
  return {};
}

Status collect_field_names(const StoreDir& store, DistinctValues& out) {
  auto snapshot = Snapshot::take(store);
  if (!snapshot) return fail(std::move(snapshot.error()));
  for (const auto name : {logfmt::field::kBootId, logfmt::field::kPriority,
                          logfmt::field::kPid, kSourceRealtimeField}) {
    out.add(name);
  }
  const auto take = [&](const SegmentReader& segment) {
    if (segment.sealed()) add_all(segment.footer().fields, out);
    return segment.sealed();
  };
  const auto read = [&](size_t file, const SegmentReader* segment) {
    walk_entries(*snapshot, file, segment, out, [&](const EntryView& entry) {
      for (const auto& field : entry.context) out.add(field.name);
      for (const auto& field : entry.payload) out.add(field.name);
    });
  };
  for_each_file(*snapshot, out, take, read);
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
