// A block's text is written in this order:
//
//   heads         how many, and of each the number of columns
//   templates     how many, of each its head + 1 (0: none), then their texts
//   descriptors   of the columns of all heads, then of all templates
//   values        of those columns that keep strings, in the same order
//
// A variable that is the same in all lines is written into the texts, and is
// no column.
#include "format/columns/text_encoder.h"

#include <algorithm>
#include <cstring>

#include "format/coding.h"
#include "format/columns/line_text.h"
#include "format/limits.h"

namespace logfmt {
namespace {

// Fewer lines do not pay for the columns of a template of their own.
constexpr uint32_t kTemplateLinesMin = 4;
constexpr uint32_t kNoTemplate = UINT32_MAX;

// Two variables have a byte between them, and an entry that alone is larger
// than a block should be is one variable.
static_assert(kBlockPayloadBytesTarget / 2 / kTemplateLinesMin <= kColumnsMax,
              "a reader takes what a writer makes");

size_t find_slot(std::string_view text, size_t slot) {
  size_t at = text.find(kSlot);
  for (; slot > 0; --slot) at = text.find(kSlot, at + 1);
  return at;
}

}  // namespace

EncodedText TextEncoder::encode() {
  make_templates();
  assign_lines();
  order_by_use();
  streams_.clear();
  for (uint32_t i = 0; i < head_lines_.size(); ++i) encode_head(i);
  for (Template& of : templates_) encode_own_columns(of);
  EncodedText out;
  out.templates.resize(miner_.lines().size());
  for (size_t id = 0; id < templates_.size(); ++id) {
    for (const uint32_t line : templates_[id].lines) out.templates[line] = id;
  }
  std::string templates = write_templates();
  append_length_prefixed(templates, streams_.descriptors);
  streams_.strings.insert(0, templates);
  out.strings = std::move(streams_.strings);
  out.numbers = std::move(streams_.numbers);
  miner_.clear();
  return out;
}

void TextEncoder::make_templates() {
  const auto& patterns = miner_.patterns();
  heads_ = find_heads(patterns);
  templates_.clear();
  template_of_pattern_.clear();
  template_of_rest_.assign(heads_.slots.size() + 1, kNoTemplate);
  for (uint32_t i = 0; i < patterns.size(); ++i) {
    const auto& pattern = patterns[i];
    const uint32_t head = heads_.of_pattern[i];
    if (pattern.lines < kTemplateLinesMin) {
      template_of_pattern_.push_back(template_for_rest(head, i));
      continue;
    }
    const uint32_t shared = head == kNoHead ? 0 : heads_.slots[head];
    template_of_pattern_.push_back(static_cast<uint32_t>(templates_.size()));
    templates_.push_back(
        {.text = pattern.text, .head = head, .slots = pattern.slots - shared});
  }
}

// The template of rare lines with that head, `pattern` being one of them.
uint32_t TextEncoder::template_for_rest(uint32_t head, uint32_t pattern) {
  const size_t index = head == kNoHead ? heads_.slots.size() : head;
  if (template_of_rest_[index] != kNoTemplate) return template_of_rest_[index];
  Template made{.head = head, .slots = 1, .keeps_rest = true};
  if (head != kNoHead) {
    const std::string& text = miner_.patterns()[pattern].text;
    made.text = text.substr(0, find_slot(text, heads_.slots[head] - 1) + 1);
  }
  made.text += kSlot;
  template_of_rest_[index] = static_cast<uint32_t>(templates_.size());
  templates_.push_back(std::move(made));
  return template_of_rest_[index];
}

void TextEncoder::assign_lines() {
  head_lines_.assign(heads_.slots.size(), {});
  for (size_t i = 0; i < heads_.slots.size(); ++i) {
    head_lines_[i].slots = heads_.slots[i];
  }
  const auto& lines = miner_.lines();
  head_ordinals_.assign(lines.size(), 0);
  for (uint32_t i = 0; i < lines.size(); ++i) {
    Template& of = templates_[template_of_pattern_[lines[i].pattern]];
    of.lines.push_back(i);
    if (of.head == kNoHead) continue;
    auto& of_head = head_lines_[of.head].lines;
    head_ordinals_[i] = static_cast<uint32_t>(of_head.size());
    of_head.push_back(i);
  }
}

// The most frequent first: small numbers have empty high planes.
void TextEncoder::order_by_use() {
  std::stable_sort(templates_.begin(), templates_.end(),
                   [](const Template& a, const Template& b) {
                     return a.lines.size() > b.lines.size();
                   });
}

void TextEncoder::encode_head(uint32_t index) {
  Head& head = head_lines_[index];
  for (uint32_t slot = 0; slot < head.slots; ++slot) {
    values_.resize(head.lines.size());
    for (size_t i = 0; i < head.lines.size(); ++i) {
      values_[i] = miner_.variable(head.lines[i], slot);
    }
    if (!all_equal(values_)) {
      pack_values();
      if (columns_.encode(values_, head.keys, streams_)) {
        head.keys.push_back({head.columns, columns_.entry_ids()});
      }
      ++head.columns;
      continue;
    }
    for (Template& of : templates_) {
      if (of.head == index) fold(of, head.columns, values_.front());
    }
  }
}

void TextEncoder::encode_own_columns(Template& of) {
  std::vector<ColumnKey> keys = keys_of(of);
  uint32_t column = of.head == kNoHead ? 0 : head_lines_[of.head].columns;
  for (size_t slot = 0; slot < of.slots; ++slot) {
    gather(of, slot);
    if (all_equal(values_)) {
      fold(of, column, values_.front());
      continue;
    }
    if (of.keeps_rest) take_common_beginning(of);
    pack_values();
    if (columns_.encode(values_, keys, streams_)) {
      keys.push_back({column, columns_.entry_ids()});
    }
    ++column;
  }
}

// The columns of its head, as its own lines see them.
std::vector<ColumnKey> TextEncoder::keys_of(const Template& of) const {
  std::vector<ColumnKey> keys;
  if (of.head == kNoHead) return keys;
  for (const ColumnKey& key : head_lines_[of.head].keys) {
    keys.push_back({.slot = key.slot});
    keys.back().ids.reserve(of.lines.size());
    for (const uint32_t line : of.lines) {
      keys.back().ids.push_back(key.ids[head_ordinals_[line]]);
    }
  }
  return keys;
}

// The values of a template's own slot.
void TextEncoder::gather(const Template& from, size_t slot) {
  const size_t before = from.head == kNoHead ? 0 : heads_.slots[from.head];
  values_.resize(from.lines.size());
  for (size_t i = 0; i < from.lines.size(); ++i) {
    const uint32_t line = from.lines[i];
    if (!from.keeps_rest) {
      values_[i] = miner_.variable(line, before + slot);
      continue;
    }
    const std::string_view text = miner_.text(line);
    const char* rest = text.data();
    if (before > 0) {
      const auto last = miner_.variable(line, before - 1);
      rest = last.data() + last.size();
    }
    values_[i] = text.substr(static_cast<size_t>(rest - text.data()));
  }
}

// Copies the values side by side. They stand in lines all over the block, and
// are looked at several times: once from there, then from the caches.
void TextEncoder::pack_values() {
  size_t bytes = 0;
  for (const std::string_view value : values_) bytes += value.size();
  packed_.resize(bytes);
  char* to = packed_.data();
  for (std::string_view& value : values_) {
    std::memcpy(to, value.data(), value.size());
    value = {to, value.size()};
    to += value.size();
  }
}

// A head ends with a variable. What always follows it is static: a search then
// knows that nothing goes on from the one into the other.
void TextEncoder::take_common_beginning(Template& of) {
  size_t common = values_.front().size();
  for (const std::string_view value : values_) {
    const auto [end, other] = std::mismatch(
        value.begin(), value.end(), values_.front().begin(),
        values_.front().begin() + static_cast<std::ptrdiff_t>(common));
    common = static_cast<size_t>(end - value.begin());
  }
  of.text.insert(of.text.size() - 1, values_.front().substr(0, common));
  for (std::string_view& value : values_) value.remove_prefix(common);
}

void TextEncoder::fold(Template& into, size_t slot, std::string_view constant) {
  into.text.replace(find_slot(into.text, slot), 1, constant);
}

std::string TextEncoder::write_templates() const {
  std::string out;
  append_varint(out, head_lines_.size());
  for (const Head& head : head_lines_) append_varint(out, head.columns);
  append_varint(out, templates_.size());
  for (const Template& of : templates_) {
    append_varint(out, of.head == kNoHead ? 0 : of.head + 1);
  }
  for (const Template& of : templates_) {
    out += of.text;
    out += kTextEnd;
  }
  return out;
}

}  // namespace logfmt
