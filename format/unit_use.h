// Who fills a segment: rows, bytes and ages for each unit in it.
//
// An entry counts for one owner: its user unit, else its unit, else its
// identifier. The three kinds are kept apart, and the user units of each user:
// nobody can fill a unit's share of the disk by using its name. Entries
// without any of them, and the smallest owners where there are too many,
// count for nobody.
//
// Bytes are those of the payloads before compression. What an owner takes on
// the disk is its share of them, of the length of the segment.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "format/entry.h"

namespace logfmt {

// Owners that a segment's footer lists at most.
inline constexpr size_t kOwnersPerSegmentMax = 4096;

enum class OwnerKind : uint8_t {
  kNobody = 0,
  kUnit = 1,
  kUserUnit = 2,
  kIdentifier = 3,
};

struct Owner {
  OwnerKind kind = OwnerKind::kNobody;
  std::string name{};
  std::string uid{};  // of a user unit, as the entry says it

  auto operator<=>(const Owner&) const = default;
};

Owner owner_of(const FieldList& context);

struct UnitUse {
  uint64_t rows = 0;
  uint64_t payload_bytes = 0;
  uint64_t min_realtime_us = UINT64_MAX;
  uint64_t max_realtime_us = 0;

  void add(const UnitUse& other);
};

using UnitUses = std::map<Owner, UnitUse>;

void add_uses(UnitUses& uses, const UnitUses& more);
UnitUse total_of(const UnitUses& uses);

// As a section of a segment's footer.
std::string encode_uses(const UnitUses& uses);
// Nothing where the bytes make no sense.
std::optional<UnitUses> decode_uses(std::string_view bytes);

// Counts entry by entry. One thread.
class UnitTally {
 public:
  void add(const EntryView& entry);
  // What was counted; begins anew.
  UnitUses take();

 private:
  std::unordered_map<std::string, UnitUse> by_context_;
  // Entries of a sender come in runs.
  std::pair<const std::string, UnitUse>* last_ = nullptr;
};

}  // namespace logfmt
