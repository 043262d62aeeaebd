// Finds out which lines are made alike.
//
// Payloads that are the same are one line. Each line is split into a pattern
// (what stays) and variables (what varies); lines of the same sender with the
// same pattern share a number. Keeps its memory for the next block. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "format/columns/text_pool.h"
#include "format/columns/value_table.h"
#include "format/columns/word_split.h"
#include "format/field_list.h"

namespace logfmt {

// Longer lines, and lines with more variables, are one variable as a whole.
inline constexpr size_t kSplitTextBytesMax = UINT16_MAX;
inline constexpr size_t kSlotsMax = 200;

class TemplateMiner {
 public:
  struct Line {
    const char* text;
    uint32_t pattern;
    uint32_t first_variable;
  };
  struct Pattern {
    std::string text;
    uint32_t slots = 0;
    uint32_t lines = 0;
  };

  // The number of the payload's line, from 0 in the order of first use.
  // `sender`: lines with different numbers never share a pattern; a line
  // belongs to who said it first.
  uint32_t add(uint32_t sender, const FieldList& payload);
  void clear();

  const std::vector<Line>& lines() const { return lines_; }
  const std::deque<Pattern>& patterns() const { return patterns_; }
  std::string_view text(uint32_t line) const { return texts_.value(line); }
  std::string_view variable(uint32_t line, size_t slot) const {
    const uint32_t first = lines_[line].first_variable;
    if (first == kWholeText) return text(line);
    const Variable& variable = variables_[first + slot];
    return {lines_[line].text + variable.offset, variable.bytes};
  }

 private:
  // Of the texts that are split, which are short.
  struct Variable {
    uint16_t offset;
    uint16_t bytes;
  };
  static constexpr uint32_t kWholeText = UINT32_MAX;

  bool split();

  TextPool pool_;
  ValueTable texts_;  // by line, in the pool
  std::vector<Line> lines_;
  std::vector<Variable> variables_;
  std::deque<Pattern> patterns_;
  ValueTable pattern_ids_;  // the texts of patterns_
  std::string text_;        // of the payload that is being added
  std::string pattern_;
  std::vector<Span> spans_;  // of its variables
};

}  // namespace logfmt
