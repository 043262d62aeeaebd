// Numbers distinct byte strings in the order in which they are first seen.
//
// At most kValuesMax of them. The strings are not copied and must outlive the
// table or its next clear(). Memory is kept for the next use. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "format/limits.h"

namespace logfmt {

inline constexpr size_t kValuesMax = (1 << 24) - 2;
static_assert(kBlockRowsMax < kValuesMax, "a row has one value in a column");

class ValueTable {
 public:
  // The number of `value`; the same bytes with another `kind` are another
  // value.
  uint32_t intern(std::string_view value, uint32_t kind = 0);

  size_t size() const { return values_.size(); }
  std::string_view value(uint32_t id) const { return values_[id]; }
  const std::vector<std::string_view>& values() const { return values_; }
  // Makes value `id` the same bytes at another place.
  void move_value(uint32_t id, std::string_view bytes) { values_[id] = bytes; }
  void clear();

 private:
  void grow();

  // Eight bits of the hash, then id + 1; 0: free. A power of two of them. Small
  // buckets stay in the processor's caches, and the bits tell most values from
  // others without a look at them.
  std::vector<uint32_t> buckets_;
  std::vector<uint32_t> hashes_;  // by id
  std::vector<std::string_view> values_;
};

}  // namespace logfmt
