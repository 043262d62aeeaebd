#include "format/columns/value_table.h"

#include <algorithm>

#include "format/checksum.h"

namespace logfmt {
namespace {

constexpr size_t kBucketsMin = 64;

}  // namespace

uint32_t ValueTable::intern(std::string_view value, uint32_t kind) {
  if (values_.size() * 2 >= buckets_.size()) grow();
  const uint64_t hash = checksum(value, kind);
  const size_t mask = buckets_.size() - 1;
  size_t at = hash & mask;
  for (; buckets_[at] != 0; at = (at + 1) & mask) {
    const uint32_t id = buckets_[at] - 1;
    if (hashes_[id] == hash && values_[id] == value) return id;
  }
  const auto id = static_cast<uint32_t>(values_.size());
  buckets_[at] = id + 1;
  hashes_.push_back(hash);
  values_.push_back(value);
  return id;
}

void ValueTable::clear() {
  const size_t fitting = std::max(kBucketsMin, values_.size() * 4);
  if (buckets_.size() > fitting) {
    // Emptying a table that is far too large costs more than growing it again.
    buckets_.assign(kBucketsMin, 0);
  } else {
    std::fill(buckets_.begin(), buckets_.end(), 0);
  }
  hashes_.clear();
  values_.clear();
}

void ValueTable::grow() {
  buckets_.assign(std::max(kBucketsMin, buckets_.size() * 2), 0);
  const size_t mask = buckets_.size() - 1;
  for (size_t id = 0; id < hashes_.size(); ++id) {
    size_t at = hashes_[id] & mask;
    while (buckets_[at] != 0) at = (at + 1) & mask;
    buckets_[at] = static_cast<uint32_t>(id) + 1;
  }
}

}  // namespace logfmt
