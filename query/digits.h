// Decimal and hexadecimal digits, without locale or format strings: the
// printers write ten numbers for each entry.
//
// write_*() write at a pointer and return the end of what they wrote; they may
// use all the room that is named at each, also where fewer digits come out.
// append_*() append to text.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "format/id128.h"

namespace logq {

inline constexpr size_t kNumberRoom = 20;
inline constexpr size_t kHexRoom = 16;
inline constexpr size_t kIdRoom = 32;

static_assert(std::endian::native == std::endian::little,
              "digits are placed in words whose first byte is the lowest");

// The two digits of each number below a hundred, the first in the lower byte.
inline constexpr auto kDigitPairs = [] {
  std::array<uint16_t, 100> pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = static_cast<uint16_t>(('0' + i / 10) | ('0' + i % 10) << 8);
  }
  return pairs;
}();

// Exactly two digits of a number below a hundred.
inline void write_pair(char* at, uint64_t value) {
  std::memcpy(at, &kDigitPairs[value], 2);
}

// The eight digits of a number below 10^8, the first in the lowest byte. They
// are put together in a register: text that is written in pieces and read back
// as a whole would stall the processor.
inline uint64_t decimal_word(uint64_t value) {
  const uint64_t upper = value / 10'000;
  const uint64_t lower = value % 10'000;
  return kDigitPairs[upper / 100] | uint64_t{kDigitPairs[upper % 100]} << 16 |
         uint64_t{kDigitPairs[lower / 100]} << 32 |
         uint64_t{kDigitPairs[lower % 100]} << 48;
}

// Writes what is left of eight digits without the zeros in front, of which the
// last is never dropped.
inline char* write_trimmed(char* at, uint64_t digits) {
  const int zeros =
      std::min(std::countr_zero(digits ^ 0x3030'3030'3030'3030) / 8, 7);
  digits >>= 8 * zeros;
  std::memcpy(at, &digits, 8);
  return at + 8 - zeros;
}

inline char* write_word(char* at, uint64_t digits) {
  std::memcpy(at, &digits, 8);
  return at + 8;
}

// Room: kNumberRoom.
inline char* write_number(char* at, uint64_t value) {
  constexpr uint64_t kEightDigits = 100'000'000;
  if (value < kEightDigits) return write_trimmed(at, decimal_word(value));
  at = write_number(at, value / kEightDigits);
  return write_word(at, decimal_word(value % kEightDigits));
}

// The eight hexadecimal digits of `value`, the highest in the lowest byte.
inline uint64_t hex_word(uint32_t value) {
  uint64_t word = value;  // one nibble a byte after three steps
  word = (word << 16 & 0x0000'FFFF'0000'0000) | (word & 0xFFFF);
  word = (word << 8 & 0x00FF'0000'00FF'0000) | (word & 0x0000'00FF'0000'00FF);
  word = (word << 4 & 0x0F00'0F00'0F00'0F00) | (word & 0x000F'000F'000F'000F);
  const uint64_t letters =
      (word + 0x0606'0606'0606'0606) >> 4 & 0x0101'0101'0101'0101;
  word += 0x3030'3030'3030'3030 + letters * ('a' - '0' - 10);
  return __builtin_bswap64(word);
}

// Room: kHexRoom.
inline char* write_hex(char* at, uint64_t value) {
  const uint64_t lower = hex_word(static_cast<uint32_t>(value));
  if (value >> 32 == 0) return write_trimmed(at, lower);
  at = write_trimmed(at, hex_word(static_cast<uint32_t>(value >> 32)));
  return write_word(at, lower);
}

// 32 digits; Id128::hex() without its string. Room: kIdRoom.
inline char* write_id(char* at, const logfmt::Id128& id) {
  for (size_t i = 0; i < id.bytes.size(); i += 4) {
    uint32_t quarter;
    std::memcpy(&quarter, &id.bytes[i], 4);
    at = write_word(at, hex_word(__builtin_bswap32(quarter)));
  }
  return at;
}

// Room: what `text` takes.
inline char* write_text(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

inline void append_number(std::string& out, uint64_t value) {
  char digits[kNumberRoom];
  out.append(digits, write_number(digits, value));
}

// Exactly `width` digits, zeros in front; higher digits are cut off.
inline void append_padded(std::string& out, uint64_t value, size_t width) {
  char digits[kNumberRoom];
  for (size_t i = width; i > 0; --i) {
    digits[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits, width);
}

// At least `width` characters, blanks in front.
inline void append_aligned(std::string& out, uint64_t value, size_t width) {
  char digits[kNumberRoom];
  const auto length = static_cast<size_t>(write_number(digits, value) - digits);
  if (length < width) out.append(width - length, ' ');
  out.append(digits, length);
}

}  // namespace logq
