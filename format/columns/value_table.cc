#include "format/columns/value_table.h"

#include <algorithm>

#include "format/checksum.h"

namespace logfmt {
namespace {

constexpr size_t kBucketsMin = 64;
constexpr unsigned kIdBits = 24;
constexpr uint32_t kIdMask = (uint32_t{1} << kIdBits) - 1;
static_assert(kValuesMax < kIdMask);

uint32_t bucket(uint32_t hash, uint32_t id) {
  return (hash & ~kIdMask) | (id + 1);
}

}  // namespace

uint32_t ValueTable::intern(std::string_view value, uint32_t kind) {
  if (values_.size() * 2 >= buckets_.size()) grow();
  const auto hash = static_cast<uint32_t>(checksum(value, kind));
  const size_t mask = buckets_.size() - 1;
  size_t at = hash & mask;
  for (; buckets_[at] != 0; at = (at + 1) & mask) {
    if ((buckets_[at] ^ hash) >> kIdBits != 0) continue;
    const uint32_t id = (buckets_[at] & kIdMask) - 1;
    if (values_[id] == value) return id;
  }
  const auto id = static_cast<uint32_t>(values_.size());
  buckets_[at] = bucket(hash, id);
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
  for (uint32_t id = 0; id < hashes_.size(); ++id) {
    size_t at = hashes_[id] & mask;
    while (buckets_[at] != 0) at = (at + 1) & mask;
    buckets_[at] = bucket(hashes_[id], id);
  }
}

}  // namespace logfmt
