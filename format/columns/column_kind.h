// How the values of one variable are kept; the numbers are on disk.
//
//   column      := descriptor [values in strings] [planes in numbers]
//   descriptor  := u8 kind | planes << 4, then by kind:
//     text       varint bytes     strings: value kSlot, for each line
//     dictionary varint entries, varint bytes
//                                 strings: entry kSlot; planes: entry ids
//     number     [u8 width] varint least    planes: value - least
//     delta      [u8 width] varint first    planes: zigzag(value - the one
//                                           before), 0 for the first
//     keyed      varint entries, varint bytes, varint slot
//                                 as a dictionary, but planes: 0
//                the entry of the line before that has the same entry in that
//                slot of the template; else entry id + 1
//     split      pattern kTextEnd, then a descriptor for each kSlot in it,
//                whose values are digits
//
// `bytes` is the length of all values or entries, so that a reader finds the
// next column without a look at them. Numbers are decimal and have no leading
// zeros unless they have a width: then all of them have that many digits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace logfmt {

enum class ColumnKind : uint8_t {
  kText = 0,
  kDictionary = 1,
  kNumber = 2,
  kDelta = 3,
  kSplit = 4,
  kKeyed = 5,
};

inline constexpr uint8_t kColumnKindMask = 0x07;
inline constexpr uint8_t kColumnHasWidth = 0x08;
inline constexpr unsigned kColumnPlanesShift = 4;

// 64 bits hold every number of so many digits.
inline constexpr size_t kNumberDigitsMax = 19;
inline constexpr size_t kSplitSlotsMax = 32;

}  // namespace logfmt
