// Searches the text of a block without making it: which lines may hold a
// piece of text.
//
// A piece that occurs in a line lies either in what the line's template says
// itself, or in one of its variables, or across the border of both. The first
// is decided for all lines of a template at once, the second by the entries of
// dictionaries; only where a template and the bytes that occur in its variables
// would allow the third do its lines have to be looked at. Most words are in no
// template and no dictionary of a block: then it is left without another look.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "format/block_reader.h"
#include "query/engine/column_search.h"
#include "query/engine/literal_search.h"

namespace logq {

// What the strings part of a block says by itself: false where no line of the
// block can hold the literal. Nothing else of the block need be read then.
bool strings_may_hold(std::string_view strings, const LiteralSearch& literal);

class TemplateSearch {
 public:
  // The block's text has to be loaded. Both outlive the search.
  TemplateSearch(logfmt::BlockReader& block, const LiteralSearch& literal)
      : block_(block), literal_(literal) {}

  // Adds the lines that may hold the literal; never leaves one out that does.
  logfmt::Status mark(std::vector<bool>& lines);

 private:
  using Template = logfmt::TextReader::Template;

  bool in_static_text(const Template& of) const;
  bool may_cross(const Template& of);
  bool goes_through(const Template& of, size_t slot);
  logfmt::Status mark_variables(size_t id, const Template& of,
                                std::vector<bool>& lines);
  ColumnSearch& search_of(const Template& of, size_t slot);

  logfmt::BlockReader& block_;
  const LiteralSearch& literal_;
  std::vector<std::string_view> pieces_;  // of the template, between slots
  std::vector<bool> at_slot_;
  std::vector<bool> at_next_slot_;
  std::unordered_map<const logfmt::ColumnReader*, ColumnSearch> columns_;
};

}  // namespace logq
