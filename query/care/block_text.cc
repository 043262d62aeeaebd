#include "query/care/block_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "format/columns/line_text.h"
#include "query/digits.h"
#include "query/printable.h"

namespace logq {
namespace {

using logfmt::BlockPart;
using logfmt::BlockReader;
using logfmt::ColumnKind;
using logfmt::Field;

constexpr size_t kListedMax = 5;

// Names with how often each occurs.
using Tally = std::map<std::string, uint64_t, std::less<>>;

void count(Tally& tally, std::string_view name, uint64_t times) {
  const auto at = tally.find(name);
  if (at != tally.end()) {
    at->second += times;
  } else {
    tally.emplace(name, times);
  }
}

// The most frequent ones, a line.
void append_tally(std::string& out, std::string_view what, const Tally& tally) {
  if (tally.empty()) return;
  std::vector<std::pair<uint64_t, std::string_view>> ranked;
  for (const auto& [name, times] : tally) ranked.emplace_back(times, name);
  std::stable_sort(
      ranked.begin(), ranked.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  FileText::begin_line(out, what);
  for (size_t i = 0; i < std::min(kListedMax, ranked.size()); ++i) {
    if (i > 0) out += ", ";
    append_visible(out, ranked[i].second, {});
    out += ' ';
    append_number(out, ranked[i].first);
  }
  if (ranked.size() > kListedMax) {
    out += ", and " + std::to_string(ranked.size() - kListedMax) + " more";
  }
  out += '\n';
}

void append_part(std::string& out, std::string_view what,
                 const logfmt::PartHeader& part) {
  FileText::begin_line(out, what);
  append_number(out, part.stored_bytes);
  out += " bytes";
  if (part.compression == logfmt::Compression::kZstd) {
    out += " of ";
    append_number(out, part.raw_bytes);
  }
  out += '\n';
}

std::string_view kind_name(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kText:
      return "text";
    case ColumnKind::kDictionary:
      return "dictionary";
    case ColumnKind::kNumber:
      return "number";
    case ColumnKind::kDelta:
      return "delta";
    case ColumnKind::kSplit:
      return "split";
    case ColumnKind::kKeyed:
      return "keyed";
  }
  return "?";
}

// Static text as it is, each variable by the way its values are kept.
void append_template(std::string& out, logfmt::TextReader& text,
                     const logfmt::TextReader::Template& shown) {
  size_t slot = 0;
  std::string_view rest = shown.text;
  while (!rest.empty()) {
    const size_t plain = static_cast<size_t>(
        std::find_if(rest.begin(), rest.end(), logfmt::is_mark) - rest.begin());
    append_visible(out, rest.substr(0, plain), {});
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    const char mark = rest.front();
    rest.remove_prefix(1);
    if (mark == logfmt::kSlot) {
      out += '<';
      out += kind_name(text.column(shown, slot++).kind());
      out += '>';
    } else if (mark == logfmt::kNameEnd) {
      out += '=';
    } else if (mark == logfmt::kFieldEnd && !rest.empty()) {
      out += " | ";
    }
  }
}

}  // namespace

void append_block_head(std::string& out, const logfmt::BlockRef& ref,
                       size_t index, FileText& text) {
  const logfmt::BlockHeader& header = ref.header;
  out += "\nblock " + std::to_string(index) + " at " +
         std::to_string(ref.offset) + ", " +
         std::to_string(header.block_bytes()) + " bytes\n";
  FileText::begin_line(out, "rows");
  out += std::to_string(header.rows) + ", numbers " +
         std::to_string(header.first_seq) + " to " +
         std::to_string(header.last_seq) + "\n";
  FileText::begin_line(out, "times");
  text.append_time(out, header.min_realtime_us);
  out += " to ";
  text.append_time(out, header.max_realtime_us);
  out += '\n';
  FileText::begin_line(out, "boot");
  out += header.boot.hex();
  if (header.several_boots) out += " and others";
  out += '\n';
  FileText::begin_line(out, "priorities");
  out += priority_names(header.priority_mask) + "\n";
  append_part(out, "meta", header.parts[size_t(BlockPart::kMeta)]);
  append_part(out, "strings", header.parts[size_t(BlockPart::kStrings)]);
  append_part(out, "numbers", header.parts[size_t(BlockPart::kNumbers)]);
  FileText::begin_line(out, "payloads");
  const uint64_t tenths = header.payload_bytes * 10 / header.block_bytes();
  out += std::to_string(header.payload_bytes) + " bytes, " +
         std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) +
         " times the block\n";
}

void append_block_summary(std::string& out, const BlockReader& block) {
  std::vector<uint64_t> rows_of_context(block.context_count(), 0);
  Tally fields;
  for (size_t row = 0; row < block.rows(); ++row) {
    ++rows_of_context[block.context(row)];
    for (const Field& field : block.entry(row).payload) {
      count(fields, field.name, 1);
    }
  }
  Tally units;
  Tally identifiers;
  for (uint32_t i = 0; i < block.context_count(); ++i) {
    for (const Field& field : block.context_fields(i)) {
      if (field.name == logfmt::field::kUnit ||
          field.name == logfmt::field::kUserUnit) {
        count(units, field.value, rows_of_context[i]);
      } else if (field.name == logfmt::field::kIdentifier) {
        count(identifiers, field.value, rows_of_context[i]);
      }
    }
  }
  FileText::begin_line(out, "contexts");
  out += std::to_string(block.context_count()) + "\n";
  append_tally(out, "units", units);
  append_tally(out, "identifiers", identifiers);
  append_tally(out, "fields", fields);
}

void append_block_content(std::string& out, BlockReader& block) {
  out += "\ncontexts\n";
  for (uint32_t i = 0; i < block.context_count(); ++i) {
    out += "  ";
    append_number(out, i);
    for (const Field& field : block.context_fields(i)) {
      out += ' ';
      append_visible(out, field.name, {});
      out += '=';
      append_visible(out, field.value, {});
    }
    out += '\n';
  }
  out += "\ntemplates, with the number of their lines\n";
  logfmt::TextReader& text = block.text();
  for (const auto& shown : text.templates()) {
    append_aligned(out, shown.lines, 8);
    out += "  ";
    append_template(out, text, shown);
    out += '\n';
  }
}

}  // namespace logq
