// Names and values come from where they cost least: the footers know all
// field names and all identifiers of their segments, and mostly all units;
// the header of a block its boot and its priorities. Fields of senders are in
// the contexts. Only the rest is read entry by entry, and only in blocks where
// the field occurs.
#include "query/engine/field_values.h"

#include "format/entry.h"
#include "query/engine/field_matcher.h"
#include "query/engine/stored_columns.h"
#include "query/engine/value_search.h"

namespace logq {
namespace {

using logfmt::BlockReader;
using logfmt::EntryView;
using logfmt::FieldList;
using logfmt::SegmentReader;
using logfmt::Status;
using logfmt::StoreDir;

void add_all(const logfmt::NameTable& names, DistinctValues& out) {
  for (const auto& [name, blocks] : names) out.add(name);
}

void add_values(const FieldList& fields, std::string_view name,
                DistinctValues& out) {
  for (const logfmt::Field& field : fields) {
    if (field.name == name) out.add(field.value);
  }
}

void add_names(const FieldList& fields, DistinctValues& out) {
  for (const logfmt::Field& field : fields) out.add(field.name);
}

void add_entry_values(const EntryView& entry, std::string_view name,
                      DistinctValues& out) {
  add_values(entry.context, name, out);
  add_values(entry.payload, name, out);
  if (const auto column = column_value(entry, name)) out.add(*column);
}

BlockMask blocks_with(const SegmentReader& segment, std::string_view field) {
  const auto& fields = segment.footer().fields;
  const auto known = fields.find(field);
  return known == fields.end() ? BlockMask{0} : BlockMask{known->second};
}

// The footer has all unit names in one table, of whichever kind they are.
BlockMask take_units(const SegmentReader& segment, std::string_view field,
                     DistinctValues& out) {
  const bool users = field == logfmt::field::kUserUnit;
  const BlockMask own = blocks_with(segment, field);
  const BlockMask others = blocks_with(
      segment, users ? logfmt::field::kUnit : logfmt::field::kUserUnit);
  for (const auto& [name, blocks] : segment.footer().units) {
    if ((blocks & own & ~others) != 0) out.add(name);
  }
  return own & others;
}

// Adds what is known of the field without its blocks, and gives the blocks
// that have to be read for the rest.
BlockMask take_values(const SegmentReader& segment, std::string_view field,
                      DistinctValues& out) {
  if (field == logfmt::field::kBootId) {
    BlockMask several = 0;
    for (size_t i = 0; i < segment.blocks().size(); ++i) {
      const logfmt::BlockHeader& block = segment.blocks()[i].header;
      out.add(block.boot.hex());
      if (block.several_boots) several |= static_cast<BlockMask>(1u << i);
    }
    return several;
  }
  if (field == logfmt::field::kPriority) {
    for (const auto& [offset, block] : segment.blocks()) {
      for (unsigned level = 0; level < logfmt::kNoPriority; ++level) {
        if (block.priority_mask >> level & 1) out.add(std::to_string(level));
      }
    }
    return 0;
  }
  if (!segment.sealed() || is_column(field)) return kAllBlocks;
  if (field == logfmt::field::kIdentifier) {
    add_all(segment.footer().identifiers, out);
    return 0;
  }
  if (field == logfmt::field::kUnit || field == logfmt::field::kUserUnit) {
    return take_units(segment, field, out);
  }
  return blocks_with(segment, field);
}

bool is_in_contexts_only(std::string_view field) {
  return is_sender_field(field) || field == logfmt::field::kIdentifier;
}

// Without its payload, and without its boot, which is not asked of rows.
EntryView columns_of(const BlockReader& block, size_t row) {
  EntryView entry;
  entry.realtime_us = block.realtime_us(row);
  entry.priority = block.priority(row);
  entry.pid = block.pid(row);
  entry.context = block.context_fields(block.context(row));
  return entry;
}

Status add_block_values(const SegmentReader& segment, size_t index,
                        std::string_view field, DistinctValues& out) {
  auto block = segment.read_block(index);
  if (!block) return logfmt::fail(std::move(block.error()));
  if (field == logfmt::field::kBootId) {
    for (const logfmt::Id128& boot : block->boots()) out.add(boot.hex());
    return {};
  }
  for (uint32_t id = 0; id < block->context_count(); ++id) {
    add_values(block->context_fields(id), field, out);
  }
  if (is_column(field)) {
    for (size_t row = 0; row < block->rows(); ++row) {
      const auto value = column_value(columns_of(*block, row), field);
      if (value) out.add(*value);
    }
  }
  const bool in_payloads =
      !is_in_contexts_only(field) &&
      (!segment.sealed() || (blocks_with(segment, field) >> index & 1) != 0);
  if (!in_payloads) return {};
  LOGD_RETURN_IF_ERROR(block->load_payloads());
  for (size_t row = 0; row < block->rows(); ++row) {
    add_values(FieldList(block->payload(row)), field, out);
  }
  return {};
}

Status add_block_names(const SegmentReader& segment, size_t index,
                       DistinctValues& out) {
  auto block = segment.read_block(index);
  if (!block) return logfmt::fail(std::move(block.error()));
  for (uint32_t id = 0; id < block->context_count(); ++id) {
    add_names(block->context_fields(id), out);
  }
  LOGD_RETURN_IF_ERROR(block->load_payloads());
  for (size_t row = 0; row < block->rows(); ++row) {
    add_names(FieldList(block->payload(row)), out);
  }
  return {};
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
  const ValueSearch search{
      .from_segment =
          [field](const SegmentReader& segment, DistinctValues& found) {
            return take_values(segment, field, found);
          },
      .from_block =
          [field](const SegmentReader& segment, size_t block,
                  DistinctValues& found) {
            return add_block_values(segment, block, field, found);
          },
      .from_entry =
          [field](const EntryView& entry, DistinctValues& found) {
            add_entry_values(entry, field, found);
          }};
  return search.run(store, out);
}

Status collect_field_names(const StoreDir& store, DistinctValues& out) {
  for (const auto name : {logfmt::field::kBootId, logfmt::field::kPriority,
                          logfmt::field::kPid, kSourceRealtimeField}) {
    out.add(name);
  }
  const ValueSearch search{
      .from_segment =
          [](const SegmentReader& segment, DistinctValues& found) {
            add_all(segment.footer().fields, found);
            return segment.sealed() ? BlockMask{0} : kAllBlocks;
          },
      .from_block = add_block_names,
      .from_entry =
          [](const EntryView& entry, DistinctValues& found) {
            add_names(entry.context, found);
            add_names(entry.payload, found);
          }};
  return search.run(store, out);
}

logfmt::Result<uint64_t> disk_bytes(const StoreDir& store) {
  const auto files = store.list();
  if (!files) return logfmt::fail(files.error());
  uint64_t bytes = 0;
  for (const auto& file : *files) bytes += file.disk_bytes;
  return bytes;
}

}  // namespace logq
