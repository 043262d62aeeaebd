// The names of a store's files, and what they say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logfmt {

enum class StoreFileKind : uint8_t { kSegment, kWal };

struct StoreName {
  StoreFileKind kind = StoreFileKind::kWal;
  uint64_t first_seq = 0;
  // Of a merged segment that has not got its last name yet; 0 of all others.
  uint64_t merged_end_seq = 0;
};

std::string wal_name(uint64_t first_seq);
std::string segment_name(uint64_t first_seq);
std::string merged_name(uint64_t first_seq, uint64_t end_seq);
// A name that nobody else chooses, for what is to replace that file.
std::string aside_name(const std::string& name);
// What a damaged file is kept as.
std::string damaged_name(const std::string& name);

// Only names as the functions above spell them.
std::optional<StoreName> parse_store_name(std::string_view name);
bool is_aside_name(std::string_view name);
// The kind and number that a damaged file had.
std::optional<StoreName> parse_damaged_name(std::string_view name);

}  // namespace logfmt
