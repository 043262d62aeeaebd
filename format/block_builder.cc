#include "format/block_builder.h"

#include <algorithm>
#include <utility>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/columns/line_order.h"
#include "format/limits.h"
#include "format/planes.h"

namespace logfmt {
namespace {

int64_t clock_offset(const EntryView& entry) {
  return static_cast<int64_t>(entry.realtime_us - entry.monotonic_us);
}

template <class Set>
void insert_name(Set& names, std::string_view name) {
  if (const auto at = names.find(name); at == names.end()) {
    names.emplace_hint(at, name);
  }
}

NameSummary hash_names(const std::set<std::string, std::less<>>& names) {
  NameSummary summary;
  summary.any = names.size() > kSummaryHashesMax;
  if (summary.any) return summary;
  for (const std::string& name : names) {
    summary.hashes.push_back(name_hash(name));
  }
  std::sort(summary.hashes.begin(), summary.hashes.end());
  return summary;
}

}  // namespace

void BlockNames::add_context_field(const Field& field) {
  insert_name(fields, field.name);
  if (field.name == field::kUnit || field.name == field::kUserUnit) {
    insert_name(units, field.value);
  } else if (field.name == field::kIdentifier) {
    insert_name(identifiers, field.value);
  }
}

void BlockNames::add_payload_field(const Field& field) {
  insert_name(fields, field.name);
}

bool BlockBuilder::accepts(const EntryView& entry) const {
  if (rows_.empty()) return true;
  return entry.seq > rows_.back().seq && rows_.size() < kBlockRowsMax &&
         has_room_for(entry.boot_id) &&
         payload_bytes_ + context_bytes_ + entry.payload.encoded().size() +
                 entry.context.encoded().size() <=
             kBlockPayloadBytesTarget;
}

void BlockBuilder::add(const EntryView& entry) {
  const ClockRun run{.first_row = rows_.size(),
                     .boot = intern(entry.boot_id),
                     .offset_us = clock_offset(entry)};
  if (clock_runs_.empty() || clock_runs_.back().boot != run.boot ||
      clock_runs_.back().offset_us != run.offset_us) {
    clock_runs_.push_back(run);
  }
  const uint32_t context = intern(entry.context.encoded());
  rows_.push_back({.seq = entry.seq,
                   .realtime_us = entry.realtime_us,
                   .context = context,
                   .pid = entry.pid,
                   .priority = entry.priority});
  lines_.push_back(line_of(entry, context));
  payload_bytes_ += entry.payload.encoded().size();
}

uint32_t BlockBuilder::line_of(const EntryView& entry, uint32_t context) {
  const size_t known = text_.lines();
  const uint32_t line = text_.add(contexts_[context].sender, entry.payload);
  if (line < known) return line;
  for (const Field& field : entry.payload) {
    if (message_named_ && field.name == field::kMessage) continue;
    message_named_ = message_named_ || field.name == field::kMessage;
    names_.add_payload_field(field);
  }
  return line;
}

uint32_t BlockBuilder::intern(std::string_view fields) {
  if (!contexts_.empty() && contexts_[last_context_].fields == fields) {
    return last_context_;
  }
  if (const auto known = context_ids_.find(fields);
      known != context_ids_.end()) {
    return last_context_ = known->second;
  }
  Context context{.fields = std::string(fields)};
  for (const Field& field : FieldList(fields)) {
    names_.add_context_field(field);
    if (field.name == field::kIdentifier) {
      context.sender = name_hash(field.value);
    }
  }
  const auto id = static_cast<uint32_t>(contexts_.size());
  contexts_.push_back(std::move(context));
  context_bytes_ += fields.size();
  context_ids_.emplace(std::string_view(contexts_.back().fields), id);
  return last_context_ = id;
}

bool BlockBuilder::has_room_for(const Id128& boot) const {
  return boots_.size() < kBlockBootsMax ||
         std::find(boots_.begin(), boots_.end(), boot) != boots_.end();
}

uint32_t BlockBuilder::intern(const Id128& boot) {
  // From the newest on: boots follow each other.
  const auto known = std::find(boots_.rbegin(), boots_.rend(), boot);
  if (known != boots_.rend()) {
    return static_cast<uint32_t>(boots_.rend() - known - 1);
  }
  boots_.push_back(boot);
  return static_cast<uint32_t>(boots_.size() - 1);
}

// Contexts, boots, clock runs, and the columns that a query can be decided on.
PlaneStream BlockBuilder::meta_part(std::span<const uint64_t> templates) {
  PlaneStream out;
  append_varint(out.bytes, contexts_.size());
  for (const Context& context : contexts_) {
    append_length_prefixed(out.bytes, context.fields);
  }
  append_varint(out.bytes, boots_.size());
  for (const Id128& boot : boots_) append_fixed(out.bytes, boot.bytes);
  append_varint(out.bytes, clock_runs_.size());
  for (const ClockRun& run : clock_runs_) {
    append_varint(out.bytes, run.first_row);
    append_varint(out.bytes, run.boot);
    append_varint(out.bytes, zigzag(run.offset_us));
  }
  append_varint(out.bytes, rows_.front().realtime_us);
  out.plane_ends.push_back(out.bytes.size());
  std::vector<uint64_t> column(rows_.size());
  const auto append_column = [&](auto&& value_of) {
    for (size_t i = 0; i < rows_.size(); ++i) column[i] = value_of(i);
    out.append_column(column);
  };
  append_column([&](size_t i) {
    return i == 0 ? 0 : rows_[i].seq - rows_[i - 1].seq - 1;
  });
  append_column([&](size_t i) {
    const uint64_t before = rows_[i == 0 ? 0 : i - 1].realtime_us;
    return zigzag(static_cast<int64_t>(rows_[i].realtime_us - before));
  });
  append_column([&](size_t i) { return uint64_t{rows_[i].priority}; });
  append_column([&](size_t i) { return uint64_t{rows_[i].context}; });
  append_column([&](size_t i) {
    uint32_t& last = contexts_[rows_[i].context].last_pid;
    const int64_t delta = int64_t{rows_[i].pid} - int64_t{last};
    last = rows_[i].pid;
    return zigzag(delta);
  });
  out.append_column(encode_line_order(lines_));
  out.append_column(templates);
  return out;
}

BlockHeader BlockBuilder::summarize() const {
  BlockHeader header;
  header.first_seq = rows_.front().seq;
  header.last_seq = rows_.back().seq;
  const auto [oldest, newest] = std::minmax_element(
      rows_.begin(), rows_.end(),
      [](const Row& a, const Row& b) { return a.realtime_us < b.realtime_us; });
  header.min_realtime_us = oldest->realtime_us;
  header.max_realtime_us = newest->realtime_us;
  header.boot = boots_.front();
  header.several_boots = boots_.size() > 1;
  header.payload_bytes = payload_bytes_;
  header.rows = static_cast<uint32_t>(rows_.size());
  for (const Row& row : rows_) {
    header.priority_mask |= static_cast<uint16_t>(1u << row.priority);
  }
  header.units = hash_names(names_.units);
  header.identifiers = hash_names(names_.identifiers);
  return header;
}

void BlockBuilder::append_part(BlockPart part, std::string_view raw, int level,
                               EncodedBlock& block,
                               std::span<const size_t> cuts) {
  PartHeader& header = block.header.parts[static_cast<size_t>(part)];
  const size_t start = block.bytes.size();
  header.raw_bytes = static_cast<uint32_t>(raw.size());
  header.compression = compressor_.append(raw, level, block.bytes, cuts);
  const auto stored = std::string_view(block.bytes).substr(start);
  header.stored_bytes = static_cast<uint32_t>(stored.size());
  header.checksum = checksum(stored, seed_);
}

EncodedBlock BlockBuilder::finish(int level) {
  EncodedBlock block;
  block.header = summarize();
  const EncodedText text = text_.encode();
  const PlaneStream meta = meta_part(text.templates);
  const PlaneStream& numbers = text.numbers;
  append_part(BlockPart::kMeta, meta.bytes, level, block, meta.plane_ends);
  append_part(BlockPart::kStrings, text.strings, level, block);
  append_part(BlockPart::kNumbers, numbers.bytes, level, block,
              numbers.plane_ends);
  block.bytes.insert(0, block.header.encode(seed_));
  block.bytes.resize(block.header.block_bytes(), '\0');
  block.names = std::exchange(names_, {});
  message_named_ = false;
  rows_.clear();
  context_ids_.clear();  // first: its keys are views of the contexts
  contexts_.clear();
  context_bytes_ = 0;
  last_context_ = 0;
  boots_.clear();
  clock_runs_.clear();
  lines_.clear();
  payload_bytes_ = 0;
  return block;
}

void BlockBuilder::release_memory() {
  rows_ = {};
  lines_ = {};
  context_ids_ = {};
  contexts_ = {};
  text_ = {};
  compressor_ = {};
}

}  // namespace logfmt
