// Finds out which lines are made alike.
//
// Each line is split into a pattern (what stays) and variables (what varies);
// lines of the same sender with the same pattern share a number. Keeps its
// memory for the next block. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "format/columns/value_table.h"
#include "format/columns/word_split.h"
#include "format/field_list.h"

namespace logfmt {

// Longer lines, and lines with more variables, are one variable as a whole.
inline constexpr size_t kSplitTextBytesMax = 64 << 10;
inline constexpr size_t kSlotsMax = 200;

class TemplateMiner {
 public:
  struct Line {
    uint32_t pattern;
    uint32_t first_variable;
    Span text;  // in texts()
  };
  struct Pattern {
    std::string text;
    uint32_t slots = 0;
    uint32_t lines = 0;
  };

  // `sender`: lines with different numbers never share a pattern.
  void add(uint32_t sender, const FieldList& payload);
  void clear();

  const std::vector<Line>& lines() const { return lines_; }
  const std::deque<Pattern>& patterns() const { return patterns_; }
  std::string_view text(const Line& line) const {
    return std::string_view(texts_).substr(line.text.offset, line.text.bytes);
  }
  std::string_view variable(const Line& line, size_t slot) const {
    const Span& span = variables_[line.first_variable + slot];
    return std::string_view(texts_).substr(span.offset, span.bytes);
  }

 private:
  std::string texts_;
  std::vector<Line> lines_;
  std::vector<Span> variables_;
  std::deque<Pattern> patterns_;
  ValueTable pattern_ids_;  // the texts of patterns_
  std::string pattern_;
};

}  // namespace logfmt
