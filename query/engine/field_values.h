// What occurs in a store: the values of one field, the names of all fields,
// the room that the files take up.
//
// What cannot be read is left out and given as gaps. A set is bounded by the
// limits below; what is beyond them is left out, and `complete` says so.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "format/gap.h"
#include "format/store_dir.h"

namespace logq {

inline constexpr size_t kDistinctValuesMax = 100'000;
inline constexpr size_t kDistinctBytesMax = 16 << 20;

struct DistinctValues {
  std::set<std::string, std::less<>> values{};
  size_t bytes = 0;
  bool complete = true;  // false: there are more than the limits allow
  std::vector<logfmt::Gap> gaps{};

  void add(std::string_view value);
};

logfmt::Status collect_values(const logfmt::StoreDir& store,
                              std::string_view field, DistinctValues& out);
logfmt::Status collect_field_names(const logfmt::StoreDir& store,
                                   DistinctValues& out);

// Allocated bytes of all segments and WALs, the active ones too.
logfmt::Result<uint64_t> disk_bytes(const logfmt::StoreDir& store);

}  // namespace logq
