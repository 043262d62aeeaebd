#include "format/columns/text_reader.h"

#include <algorithm>

#include "format/columns/line_text.h"
#include "format/limits.h"

namespace logfmt {
namespace {

constexpr uint32_t kNoHead = UINT32_MAX;

tl::unexpected<Error> bad_text() {
  return fail(ErrorCode::kCorrupt, "the templates of a block make no sense");
}

}  // namespace

std::vector<std::string_view> read_template_texts(std::string_view strings) {
  Decoder in(strings);
  for (uint64_t heads = in.varint(); heads > 0 && in.ok(); --heads) in.varint();
  const uint64_t count = in.varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) in.varint();
  std::vector<std::string_view> texts;
  for (uint64_t i = 0; i < count; ++i) {
    const size_t end = in.rest().find(kTextEnd);
    if (end == std::string_view::npos) return {};
    texts.push_back(in.bytes(end));
    in.bytes(1);
  }
  return texts;
}

Result<TextReader> TextReader::open(std::string strings,
                                    std::vector<uint32_t> templates) {
  TextReader reader(std::move(strings), std::move(templates));
  Decoder in(*reader.strings_);
  if (!reader.read_templates(in) || !reader.count_lines() ||
      !reader.read_columns(in)) {
    return bad_text();
  }
  return reader;
}

bool TextReader::read_templates(Decoder& in) {
  const uint64_t heads = in.varint();
  if (heads > lines()) return false;
  for (uint64_t i = 0; i < heads; ++i) {
    const uint64_t columns = in.varint();
    if (columns > kColumnsMax) return false;
    heads_.push_back({.columns = static_cast<uint32_t>(columns)});
  }
  const uint64_t count = in.varint();
  if (count > lines()) return false;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t head = in.varint();
    if (head > heads) return false;
    head_of_template_.push_back(head == 0 ? kNoHead
                                          : static_cast<uint32_t>(head - 1));
  }
  for (uint64_t i = 0; i < count; ++i) {
    const size_t end = in.rest().find(kTextEnd);
    if (end == std::string_view::npos) return false;
    Template of{.text = in.bytes(end)};
    in.bytes(1);
    const auto slots =
        static_cast<size_t>(std::count(of.text.begin(), of.text.end(), kSlot));
    if (head_of_template_[i] != kNoHead) {
      of.head_columns = heads_[head_of_template_[i]].columns;
    }
    if (slots < of.head_columns || slots > kColumnsMax) return false;
    of.columns = static_cast<uint32_t>(slots) - of.head_columns;
    templates_.push_back(of);
  }
  return in.ok();
}

bool TextReader::count_lines() {
  ordinals_.resize(lines());
  head_ordinals_.resize(lines());
  for (size_t line = 0; line < lines(); ++line) {
    const uint32_t id = template_of_line_[line];
    if (id >= templates_.size()) return false;
    ordinals_[line] = templates_[id].lines++;
    const uint32_t head = head_of_template_[id];
    if (head != kNoHead) head_ordinals_[line] = heads_[head].lines++;
  }
  list_lines();
  return true;
}

void TextReader::list_lines() {
  uint32_t first = 0;
  for (Template& of : templates_) {
    of.first_line = first;
    first += of.lines;
  }
  lines_by_template_.resize(lines());
  for (uint32_t line = 0; line < lines(); ++line) {
    const Template& of = templates_[template_of_line_[line]];
    lines_by_template_[of.first_line + ordinals_[line]] = line;
  }
}

bool TextReader::read_columns(Decoder& in) {
  Decoder descriptors(in.length_prefixed());
  std::string_view strings = in.rest();
  for (Head& head : heads_) {
    head.first_column = static_cast<uint32_t>(columns_.size());
    if (!read_columns_of(descriptors, head.columns, head.lines)) return false;
  }
  for (size_t i = 0; i < templates_.size(); ++i) {
    Template& of = templates_[i];
    of.first_column = static_cast<uint32_t>(columns_.size());
    if (!read_columns_of(descriptors, of.columns, of.lines)) return false;
    if (head_of_template_[i] != kNoHead) {
      of.first_head_column = heads_[head_of_template_[i]].first_column;
    }
  }
  return in.ok() && descriptors.at_end() &&
         std::all_of(columns_.begin(), columns_.end(),
                     [&](ColumnReader& column) {
                       return column.read_strings(strings);
                     }) &&
         strings.empty();
}

bool TextReader::read_columns_of(Decoder& in, size_t columns, size_t lines) {
  if (columns > kColumnsMax - columns_.size()) return false;
  for (size_t i = 0; i < columns; ++i) {
    columns_.emplace_back();
    if (!columns_.back().read_descriptor(in, lines)) return false;
  }
  return true;
}

Status TextReader::load_numbers(std::string numbers) {
  numbers_ = std::make_unique<std::string>(std::move(numbers));
  std::string_view rest = *numbers_;
  for (ColumnReader& column : columns_) {
    if (!column.read_numbers(rest)) return bad_text();
  }
  if (!rest.empty()) return bad_text();
  numbers_loaded_ = true;
  return {};
}

bool TextReader::decode(size_t template_id, size_t slot) {
  const Template& of = templates_[template_id];
  ColumnReader& wanted = column(of, slot);
  if (wanted.decoded()) return true;
  if (wanted.kind() != ColumnKind::kKeyed) return wanted.decode();
  // A key stands before the column that it is for, so this comes to an end.
  const size_t key_slot = wanted.key_slot();
  if (key_slot >= slot || !decode(template_id, key_slot)) return false;
  const ColumnReader& key = column(of, key_slot);
  if (!key.has_entries()) return false;
  std::vector<uint32_t> entries;
  entries.reserve(wanted.size());
  const bool head_column = slot < of.head_columns;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const size_t index =
        head_column ? i : value_index(of, key_slot, lines_of(of)[i]);
    entries.push_back(static_cast<uint32_t>(key.entry_of(index)));
  }
  return wanted.decode(entries);
}

// Makes all columns of a template ready, and its text for use line by line.
bool TextReader::prepare(uint32_t template_id) {
  Template& of = templates_[template_id];
  for (size_t slot = 0; slot < of.head_columns + of.columns; ++slot) {
    if (!decode(template_id, slot)) return false;
  }
  std::string_view text = of.text;
  for (size_t slot = 0; (slot = text.find(kSlot)) != std::string_view::npos;) {
    of.pieces.push_back(text.substr(0, slot));
    text.remove_prefix(slot + 1);
  }
  of.pieces.push_back(text);
  return true;
}

bool TextReader::append_text(size_t line, TextBuffer& out) {
  const uint32_t id = template_of_line_[line];
  const Template& of = templates_[id];
  if (of.pieces.empty() && !prepare(id)) return false;
  out.append(of.pieces[0]);
  for (size_t slot = 0; slot + 1 < of.pieces.size(); ++slot) {
    column(of, slot).append(value_index(of, slot, line), out);
    out.append(of.pieces[slot + 1]);
    if (out.size() > kFrameRawBytesMax) return false;
  }
  return true;
}

}  // namespace logfmt
