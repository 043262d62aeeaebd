// A piece of text and one column: in which of its values it lies, and whether
// part of it could.
//
// Columns are shared by templates; one ColumnSearch answers for all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/columns/column_reader.h"
#include "query/engine/literal_search.h"

namespace logq {

class ColumnSearch {
 public:
  // Both outlive the search.
  ColumnSearch(logfmt::ColumnReader& column, const LiteralSearch& literal)
      : column_(&column), literal_(&literal) {}

  // Whether this byte of the literal occurs in values of the column.
  bool may_hold(char literal_byte);
  // False where no value holds the literal. What it takes to know is in the
  // strings; numbers need not be decoded.
  bool may_occur();
  // For each value whether it holds the literal. The column is decoded.
  const std::vector<bool>& hits();

 private:
  void find_in_entries();
  std::vector<bool> hits_by_entry() const;
  std::vector<bool> hits_by_value() const;

  logfmt::ColumnReader* column_;
  const LiteralSearch* literal_;
  std::string held_;  // bytes of the literal that may_hold() knows about
  std::string not_held_;
  std::optional<std::vector<bool>> entries_;  // that hold the literal
  bool found_ = false;
  std::optional<std::vector<bool>> hits_;
};

}  // namespace logq
