// Decimal and hexadecimal digits appended to text, without locale or format
// strings: the printers write several numbers for each entry.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

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

}  // namespace logq
