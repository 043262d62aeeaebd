// Numbers distinct byte strings in the order in which they are first seen.
//
// The strings are not copied and must outlive the table or its next clear().
// Memory is kept for the next use. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace logfmt {

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

  std::vector<uint32_t> buckets_;  // id + 1, 0: free; a power of two of them
  std::vector<uint64_t> hashes_;   // by id
  std::vector<std::string_view> values_;
};

}  // namespace logfmt
