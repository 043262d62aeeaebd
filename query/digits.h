// Decimal and hexadecimal digits appended to text, without locale or format
// strings: the printers write several numbers for each entry.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "format/id128.h"

namespace logq {

inline void append_number(std::string& out, uint64_t value, int base = 10) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base);
  out.append(digits, end.ptr);
}

// Exactly `width` digits, zeros in front; higher digits are cut off.
inline void append_padded(std::string& out, uint64_t value, size_t width) {
  char digits[20];
  for (size_t i = width; i > 0; --i) {
    digits[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits, width);
}

// At least `width` characters, blanks in front.
inline void append_aligned(std::string& out, uint64_t value, size_t width) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  const auto length = static_cast<size_t>(end.ptr - digits);
  if (length < width) out.append(width - length, ' ');
  out.append(digits, length);
}

// 32 hexadecimal digits; Id128::hex() without its string.
inline void append_id(std::string& out, const logfmt::Id128& id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char digits[32];
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    digits[2 * i] = kDigits[id.bytes[i] >> 4];
    digits[2 * i + 1] = kDigits[id.bytes[i] & 15];
  }
  out.append(digits, sizeof digits);
}

}  // namespace logq
