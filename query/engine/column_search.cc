#include "query/engine/column_search.h"

#include <algorithm>
#include <string>

#include "format/columns/line_text.h"

namespace logq {
namespace {

using logfmt::ColumnKind;
using logfmt::ColumnReader;

void add_bytes(std::string_view text, std::bitset<256>& bytes) {
  for (const char c : text) bytes.set(static_cast<unsigned char>(c));
}

// What the values of a column are made of, at most.
void add_bytes_of(const ColumnReader& column, std::bitset<256>& bytes) {
  add_bytes(column.strings(), bytes);
  add_bytes(column.pattern(), bytes);
  if (column.kind() == ColumnKind::kNumber ||
      column.kind() == ColumnKind::kDelta) {
    add_bytes("0123456789", bytes);
  }
  for (const ColumnReader& part : column.parts()) add_bytes_of(part, bytes);
}

bool keeps_strings(const ColumnReader& column) {
  return column.kind() == ColumnKind::kText || column.has_entries();
}

}  // namespace

const std::bitset<256>& ColumnSearch::bytes() {
  if (!bytes_) {
    bytes_.emplace();
    add_bytes_of(*column_, *bytes_);
  }
  return *bytes_;
}

bool ColumnSearch::may_hold(char literal_byte) {
  const auto byte = static_cast<unsigned char>(literal_byte);
  return bytes().test(byte) ||
         (literal_->ignores_case() &&
          bytes().test(static_cast<unsigned char>(upper_case(literal_byte))));
}

bool ColumnSearch::may_occur() {
  if (keeps_strings(*column_)) {
    find_in_entries();
    return entry_found_;
  }
  const std::string_view text = literal_->text();
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return may_hold(c); });
}

const std::vector<bool>& ColumnSearch::hits() {
  if (!hits_) {
    hits_ = keeps_strings(*column_) ? hits_by_entry() : hits_by_value();
  }
  return *hits_;
}

void ColumnSearch::find_in_entries() {
  if (entries_) return;
  entries_.emplace(column_->entry_count(), false);
  const std::string_view strings = column_->strings();
  for (size_t at = 0;
       (at = literal_->find(strings, at)) != std::string_view::npos;) {
    const size_t entry = column_->entry_at(at);
    (*entries_)[entry] = true;
    entry_found_ = true;
    const std::string_view text = column_->entry(entry);
    at = static_cast<size_t>(text.data() - strings.data()) + text.size() + 1;
  }
}

std::vector<bool> ColumnSearch::hits_by_entry() const {
  std::vector<bool> hits(column_->size());
  for (size_t i = 0; i < hits.size(); ++i) {
    hits[i] = (*entries_)[column_->entry_of(i)];
  }
  return hits;
}

std::vector<bool> ColumnSearch::hits_by_value() const {
  std::vector<bool> hits(column_->size());
  std::string value;
  for (size_t i = 0; i < hits.size(); ++i) {
    value.clear();
    column_->append(i, value);
    hits[i] = literal_->find(value, 0) != std::string_view::npos;
  }
  return hits;
}

}  // namespace logq
