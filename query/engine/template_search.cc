#include "query/engine/template_search.h"

#include <algorithm>

#include "format/columns/line_text.h"

namespace logq {
namespace {

using logfmt::TextReader;

constexpr size_t kNone = std::string_view::npos;

std::vector<std::string_view> split_at_slots(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (size_t slot = 0; (slot = text.find(logfmt::kSlot)) != kNone;) {
    pieces.push_back(text.substr(0, slot));
    text.remove_prefix(slot + 1);
  }
  pieces.push_back(text);
  return pieces;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether the literal could go on behind the end of `piece`, in a variable.
bool may_leave(std::string_view piece, const LiteralSearch& literal) {
  if (piece.empty() || !literal.has_byte(piece.back())) return false;
  const size_t longest = std::min(piece.size(), literal.text().size() - 1);
  for (size_t taken = 1; taken <= longest; ++taken) {
    if (literal.matches_at(piece.substr(piece.size() - taken), 0, taken)) {
      return true;
    }
  }
  return false;
}

// Whether the literal could come out of a variable into `piece`; `last`: what
// does not fit into it has nowhere to go.
bool may_enter(std::string_view piece, bool last,
               const LiteralSearch& literal) {
  if (piece.empty()) return !last;
  if (!literal.has_byte(piece.front())) return false;
  const size_t bytes = literal.text().size();
  for (size_t from = 1; from < bytes; ++from) {
    const size_t compared = std::min(bytes - from, piece.size());
    if (last && compared < bytes - from) continue;
    if (literal.matches_at(piece, from, compared)) return true;
  }
  return false;
}

}  // namespace

bool strings_may_hold(std::string_view strings, const LiteralSearch& literal) {
  const std::string_view text = literal.text();
  const auto told_elsewhere = [](char c) {
    return is_digit(c) || logfmt::is_mark(c);  // in numbers, or escaped
  };
  if (std::any_of(text.begin(), text.end(), told_elsewhere) ||
      literal.find(strings, 0) != kNone) {
    return true;
  }
  for (const std::string_view of : logfmt::read_template_texts(strings)) {
    const auto pieces = split_at_slots(of);
    for (size_t slot = 0; slot + 1 < pieces.size(); ++slot) {
      const bool last = slot + 2 == pieces.size();
      if (may_leave(pieces[slot], literal) ||
          may_enter(pieces[slot + 1], last, literal)) {
        return true;
      }
    }
  }
  return false;
}

logfmt::Status TemplateSearch::mark(std::vector<bool>& lines) {
  const std::string_view text = literal_.text();
  if (std::any_of(text.begin(), text.end(), logfmt::is_mark)) {
    // Such bytes are escaped in the text: it would take more than this.
    std::fill(lines.begin(), lines.end(), true);
    return {};
  }
  const auto& templates = block_.text().templates();
  for (size_t id = 0; id < templates.size(); ++id) {
    const Template& of = templates[id];
    pieces_ = split_at_slots(of.text);
    if (in_static_text(of) || may_cross(of)) {
      for (const uint32_t line : block_.text().lines_of(of)) lines[line] = true;
      continue;
    }
    LOGD_RETURN_IF_ERROR(mark_variables(id, of, lines));
  }
  return {};
}

bool TemplateSearch::in_static_text(const Template& of) const {
  // No hit crosses a slot: the literal has none.
  return literal_.find(of.text, 0) != kNone;
}

logfmt::Status TemplateSearch::mark_variables(size_t id, const Template& of,
                                              std::vector<bool>& lines) {
  for (size_t slot = 0; slot + 1 < pieces_.size(); ++slot) {
    ColumnSearch& search = search_of(of, slot);
    if (!search.may_occur()) continue;
    LOGD_RETURN_IF_ERROR(block_.load_numbers());
    TextReader& text = block_.text();
    if (!text.decode(id, slot)) {
      return logfmt::fail(logfmt::ErrorCode::kCorrupt,
                          "a column of a block makes no sense");
    }
    const std::vector<bool>& hits = search.hits();
    for (const uint32_t line : text.lines_of(of)) {
      if (hits[text.value_index(of, slot, line)]) lines[line] = true;
    }
  }
  return {};
}

ColumnSearch& TemplateSearch::search_of(const Template& of, size_t slot) {
  logfmt::ColumnReader& column = block_.text().column(of, slot);
  return columns_.try_emplace(&column, column, literal_).first->second;
}

// Whether the literal could begin in static text and go on in a variable, or
// the other way round. Goes over the slots once; at_slot_[n] says that n bytes
// of the literal may stand before the slot, n > 0.
bool TemplateSearch::may_cross(const Template& of) {
  const size_t bytes = literal_.text().size();
  at_slot_.assign(bytes, false);
  for (size_t slot = 0; slot + 1 < pieces_.size(); ++slot) {
    const std::string_view piece = pieces_[slot];
    const size_t longest = std::min(piece.size(), bytes - 1);
    for (size_t taken = 1; taken <= longest; ++taken) {
      const auto end = piece.substr(piece.size() - taken);
      if (literal_.matches_at(end, 0, taken)) at_slot_[taken] = true;
    }
    const bool last = slot + 2 == pieces_.size();
    const bool begun =
        std::find(at_slot_.begin(), at_slot_.end(), true) != at_slot_.end();
    if (!begun && !may_enter(pieces_[slot + 1], last, literal_)) continue;
    if (goes_through(of, slot)) return true;
  }
  return false;
}

// Follows the literal through a slot, which it may also begin in, to the next
// one. True where it may end on the way, and was not in the slot alone.
bool TemplateSearch::goes_through(const Template& of, size_t slot) {
  const std::string_view text = literal_.text();
  const std::string_view piece = pieces_[slot + 1];
  const bool last = slot + 2 == pieces_.size();
  ColumnSearch& values = search_of(of, slot);
  at_next_slot_.assign(text.size(), false);
  bool crossed = false;  // what stands before `at` came from outside
  bool inside = true;    // or began in the slot
  for (size_t at = 0; at < text.size(); ++at) {
    if ((crossed || inside) && at > 0 && !values.may_hold(text[at - 1])) {
      crossed = inside = false;
    }
    crossed = crossed || at_slot_[at];
    if (at == 0 || !(crossed || inside)) continue;
    const size_t left = text.size() - at;
    const size_t compared = std::min(left, piece.size());
    if (!literal_.matches_at(piece, at, compared)) continue;
    if (left <= piece.size()) return true;
    if (!last) at_next_slot_[at + compared] = true;
  }
  at_slot_.swap(at_next_slot_);
  return crossed && values.may_hold(text.back());
}

}  // namespace logq
