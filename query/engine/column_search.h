// A piece of text and one column: in which of its values it lies, and whether
// part of it could.
//
// Columns are shared by templates; one ColumnSearch answers for all of them.
#pragma once

#include <bitset>
#include <optional>
#include <vector>

#include "format/columns/column_reader.h"
#include "query/engine/literal_search.h"

namespace logq {

class ColumnSearch {
 public:
  // Both outlive the search.
  ColumnSearch(const logfmt::ColumnReader& column, const LiteralSearch& literal)
      : column_(&column), literal_(&literal) {}

  // Whether this byte of the literal occurs in values of the column.
  bool may_hold(char literal_byte);
  // False where no value holds the literal. What it takes to know is in the
  // strings; numbers need not be decoded.
  bool may_occur();
  // For each value whether it holds the literal. The column is decoded.
  const std::vector<bool>& hits();

 private:
  const std::bitset<256>& bytes();
  void find_in_entries();
  std::vector<bool> hits_by_entry() const;
  std::vector<bool> hits_by_value() const;

  const logfmt::ColumnReader* column_;
  const LiteralSearch* literal_;
  std::optional<std::bitset<256>> bytes_;
  std::optional<std::vector<bool>> entries_;  // that hold the literal
  bool entry_found_ = false;
  std::optional<std::vector<bool>> hits_;
};

}  // namespace logq
