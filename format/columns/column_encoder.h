// Chooses for a column the kind that will be smallest, and writes it.
//
// Keeps its tables from one column to the next. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/columns/column_kind.h"
#include "format/columns/value_table.h"
#include "format/planes.h"

namespace logfmt {

// What a block's columns are written to.
struct ColumnStreams {
  std::string descriptors{};
  std::string strings{};
  PlaneStream numbers{};

  struct Ends {
    size_t descriptors;
    size_t strings;
    size_t numbers;
    size_t planes;
  };

  void append(const ColumnStreams& more);
  Ends ends() const;
  // Takes back what was written behind these.
  void cut(const Ends& ends);
  void clear();
};

// A column of the same lines that was written before and has entries: where
// one value mostly comes with the same other one, the latter costs nothing.
struct ColumnKey {
  uint32_t slot = 0;
  std::vector<uint32_t> ids{};  // by value, from 0 without holes
};

// A run of digits in a value.
struct DigitRun {
  uint16_t offset;
  uint16_t bytes;
};

class ColumnEncoder {
 public:
  using Values = std::span<const std::string_view>;
  using Keys = std::span<const ColumnKey>;

  // `values` has no kSlot and no kTextEnd in it, and differs in at least two
  // places: what is the same everywhere belongs in the pattern. Returns
  // whether the column has entries, which are entry_ids() then.
  bool encode(Values values, Keys keys, ColumnStreams& out);
  std::vector<uint32_t> entry_ids() const { return {ids_.begin(), ids_.end()}; }

 private:
  struct Numbers {
    std::vector<uint64_t> values{};
    std::vector<uint64_t> coded{};  // as kNumber or kDelta wants them
    uint8_t width = 0;              // 0: no leading zeros
  };

  // Each writes the column and returns its likely cost in bits.
  double encode_whole(Values values, Keys keys, ColumnStreams& out);
  double encode_split(Values values, ColumnStreams& out);

  bool intern(Values values);
  bool parse_numbers(Values values);
  // Of so many values, of which the distinct ones cost `distinct_bits`.
  double text_cost_bits(double distinct_bits, size_t values) const;
  const ColumnKey* best_key(Keys keys);
  size_t code_keyed(const ColumnKey& key);
  void write_text(Values values, ColumnStreams& out) const;
  void write_entries(ColumnKind kind, std::span<const uint64_t> codes,
                     ColumnStreams& out) const;
  void write_numbers(ColumnKind kind, ColumnStreams& out);
  void code_least();
  void code_deltas();

  ValueTable distinct_;
  std::vector<uint64_t> ids_;    // of the values, in distinct_
  std::vector<uint64_t> keyed_;  // the same as kKeyed wants them
  std::vector<uint64_t> last_ids_;
  Numbers numbers_;
  ColumnStreams split_;
  ColumnStreams split_columns_;
  std::string pattern_;
  std::vector<std::vector<DigitRun>> runs_;   // by slot of pattern_
  std::vector<std::string_view> run_values_;  // of one slot
};

// Whether all of them are the same.
bool all_equal(std::span<const std::string_view> values);

}  // namespace logfmt
