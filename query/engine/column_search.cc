#include "query/engine/column_search.h"

#include <algorithm>
#include <string>

#include "format/columns/line_text.h"

namespace logq {
namespace {

using logfmt::ColumnKind;
using logfmt::ColumnReader;

// Whether a byte occurs in what the values of a column are made of.
bool has_byte(const ColumnReader& column, char byte) {
  const bool numbers = column.kind() == ColumnKind::kNumber ||
                       column.kind() == ColumnKind::kDelta;
  if (numbers) return byte >= '0' && byte <= '9';
  return column.strings().find(byte) != std::string_view::npos ||
         column.pattern().find(byte) != std::string_view::npos ||
         std::any_of(
             column.parts().begin(), column.parts().end(),
             [&](const ColumnReader& part) { return has_byte(part, byte); });
}

bool keeps_strings(const ColumnReader& column) {
  return column.kind() == ColumnKind::kText || column.has_entries();
}

}  // namespace

bool ColumnSearch::may_hold(char literal_byte) {
  if (held_.find(literal_byte) != std::string::npos) return true;
  if (not_held_.find(literal_byte) != std::string::npos) return false;
  const bool held = has_byte(*column_, literal_byte) ||
                    (literal_->ignores_case() &&
                     has_byte(*column_, upper_case(literal_byte)));
  (held ? held_ : not_held_) += literal_byte;
  return held;
}

bool ColumnSearch::may_occur() {
  if (keeps_strings(*column_)) {
    find_in_entries();
    return found_;
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
  entries_.emplace();
  const std::string_view strings = column_->strings();
  for (size_t at = 0;
       (at = literal_->find(strings, at)) != std::string_view::npos;) {
    if (entries_->empty()) {
      found_ = true;
      if (!column_->find_entries()) return;  // decoding it will tell
      entries_->resize(column_->entry_count());
    }
    const size_t entry = column_->entry_at(at);
    (*entries_)[entry] = true;
    found_ = true;
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
  logfmt::TextBuffer value;
  for (size_t i = 0; i < hits.size(); ++i) {
    value.clear();
    column_->append(i, value);
    hits[i] = literal_->find(value.view(), 0) != std::string_view::npos;
  }
  return hits;
}

}  // namespace logq
