#include "format/block_builder.h"

#include <algorithm>
#include <utility>

#include "format/checksum.h"
#include "format/coding.h"
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
  return entry.boot_id == boot_ && entry.seq > rows_.back().seq &&
         rows_.size() < kBlockRowsMax &&
         payloads_.size() + context_bytes_ + entry.payload.encoded().size() +
                 entry.context.encoded().size() <=
             kBlockPayloadBytesTarget;
}

void BlockBuilder::add(const EntryView& entry) {
  boot_ = entry.boot_id;
  const int64_t offset_us = clock_offset(entry);
  if (clock_runs_.empty() || clock_runs_.back().offset_us != offset_us) {
    clock_runs_.push_back({rows_.size(), offset_us});
  }
  const auto payload = entry.payload.encoded();
  rows_.push_back({.seq = entry.seq,
                   .realtime_us = entry.realtime_us,
                   .context = intern(entry.context.encoded()),
                   .pid = entry.pid,
                   .payload_bytes = static_cast<uint32_t>(payload.size()),
                   .priority = entry.priority});
  payloads_.append(payload);
  for (const Field& field : entry.payload) names_.add_payload_field(field);
}

uint32_t BlockBuilder::intern(std::string_view fields) {
  if (!contexts_.empty() && contexts_[last_context_].fields == fields) {
    return last_context_;
  }
  if (const auto known = context_ids_.find(fields);
      known != context_ids_.end()) {
    return last_context_ = known->second;
  }
  for (const Field& field : FieldList(fields)) {
    names_.add_context_field(field);
  }
  const auto id = static_cast<uint32_t>(contexts_.size());
  contexts_.push_back({.fields = std::string(fields)});
  context_bytes_ += fields.size();
  context_ids_.emplace(std::string_view(contexts_.back().fields), id);
  return last_context_ = id;
}

// Contexts, clock runs, and the columns that a query can be decided on.
std::string BlockBuilder::meta_part() {
  std::string out;
  append_varint(out, contexts_.size());
  for (const Context& context : contexts_) {
    append_length_prefixed(out, context.fields);
  }
  append_varint(out, clock_runs_.size());
  for (const ClockRun& run : clock_runs_) {
    append_varint(out, run.first_row);
    append_varint(out, zigzag(run.offset_us));
  }
  std::vector<uint64_t> column(rows_.size());
  const auto append_column = [&](auto&& value_of) {
    for (size_t i = 0; i < rows_.size(); ++i) column[i] = value_of(i);
    append_planes(out, column);
  };
  append_column([&](size_t i) {
    return i == 0 ? 0 : rows_[i].seq - rows_[i - 1].seq - 1;
  });
  append_column([&](size_t i) {
    const uint64_t before = i == 0 ? 0 : rows_[i - 1].realtime_us;
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
  return out;
}

std::string BlockBuilder::numbers_part() const {
  std::vector<uint64_t> lengths;
  lengths.reserve(rows_.size());
  for (const Row& row : rows_) lengths.push_back(row.payload_bytes);
  std::string out;
  append_planes(out, lengths);
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
  header.boot = boot_;
  header.payload_bytes = payloads_.size();
  header.rows = static_cast<uint32_t>(rows_.size());
  for (const Row& row : rows_) {
    header.priority_mask |= static_cast<uint16_t>(1u << row.priority);
  }
  header.units = hash_names(names_.units);
  header.identifiers = hash_names(names_.identifiers);
  return header;
}

void BlockBuilder::append_part(BlockPart part, std::string_view raw, int level,
                               EncodedBlock& block) {
  PartHeader& header = block.header.parts[static_cast<size_t>(part)];
  const size_t start = block.bytes.size();
  header.raw_bytes = static_cast<uint32_t>(raw.size());
  header.compression = compressor_.append(raw, level, block.bytes);
  const auto stored = std::string_view(block.bytes).substr(start);
  header.stored_bytes = static_cast<uint32_t>(stored.size());
  header.checksum = checksum(stored, seed_);
}

EncodedBlock BlockBuilder::finish(int level) {
  EncodedBlock block;
  block.header = summarize();
  append_part(BlockPart::kMeta, meta_part(), level, block);
  append_part(BlockPart::kStrings, payloads_, level, block);
  append_part(BlockPart::kNumbers, numbers_part(), level, block);
  block.bytes.insert(0, block.header.encode(seed_));
  block.bytes.resize(block.header.block_bytes(), '\0');
  block.names = std::exchange(names_, {});
  rows_.clear();
  context_ids_.clear();  // first: its keys are views of the contexts
  contexts_.clear();
  context_bytes_ = 0;
  last_context_ = 0;
  clock_runs_.clear();
  payloads_.clear();
  return block;
}

}  // namespace logfmt
