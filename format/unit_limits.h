// Limits of single units: how much and how long of a unit's entries is kept,
// so that a noisy one does not cost the others their history.
//
// What exceeds a limit is removed from sealed segments by rewriting them
// (format/segment_rewrite.h), a unit's oldest entries first. What is not
// sealed yet is neither counted nor touched. A limit holds for each owner
// (format/unit_use.h) that fits its pattern, on its own. What an owner takes
// is its share of the payload bytes of each segment, of that segment's length:
// a measure and no more, for text compresses differently.
//
// Rewriting a segment for each byte too many would cost more than it gains.
// So a daemon cuts when that is worth it (Cutting::kWhenWorthIt): down to a
// sixteenth below max_use once that is exceeded; for age, when all entries of
// the owner in a segment are too old, or the oldest is so by a sixteenth of
// max_age (an hour at least). A person who asks gets Cutting::kExact.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "format/segment_rewrite.h"
#include "format/store_dir.h"
#include "format/unit_use.h"

namespace logfmt {

struct UnitLimit {
  std::string pattern{};       // shell glob; fits with and without ".service"
  uint64_t max_use_bytes = 0;  // 0: no limit
  uint64_t max_age_us = 0;     // 0: no limit

  bool operator==(const UnitLimit&) const = default;
};

// A plain name before patterns, a longer pattern before a shorter one.
bool more_specific(const std::string& pattern, const std::string& other);
// Whether the pattern is that of the owner's unit or identifier.
bool fits_owner(const std::string& pattern, const Owner& owner);
// The first one that fits; null where none does.
const UnitLimit* find_limit(std::span<const UnitLimit> limits,
                            const Owner& owner);

// What to remove of an owner's entries in one segment: all older than
// before_us, and the first ones until so many payload bytes are gone.
struct UnitCut {
  Owner owner{};
  uint64_t before_us = 0;
  uint64_t payload_bytes = 0;
};

struct SegmentUses {
  StoreFile file{};
  UnitUses uses{};
};

struct SegmentCut {
  StoreFile file{};
  std::vector<UnitCut> cuts{};
};

// Sealed segments that can be read, from the oldest on.
std::vector<SegmentUses> read_uses(const StoreDir& store,
                                   std::span<const StoreFile> files);

enum class Cutting : uint8_t { kWhenWorthIt, kExact };

// Segments with nothing to remove are not in the answer.
std::vector<SegmentCut> plan_cuts(std::span<const SegmentUses> segments,
                                  std::span<const UnitLimit> limits,
                                  uint64_t now_us, Cutting cutting);

// RewritePolicy::keep for the cuts of one segment; used once.
std::function<bool(const EntryView&)> keep_after(std::vector<UnitCut> cuts);

}  // namespace logfmt
