// ASCII classes and trimming that all intake parsers share. Independent of the
// locale; bytes from 0x80 up belong to no class.
#pragma once

#include <string_view>

namespace logd {

// journald's idea of white space, which is not isspace().
inline constexpr std::string_view kWhiteSpace = " \t\n\r";

constexpr bool is_white_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z';
}

// Consumes the next byte if it is that one.
constexpr bool take(std::string_view& rest, char c) {
  if (rest.empty() || rest.front() != c) return false;
  rest.remove_prefix(1);
  return true;
}

constexpr std::string_view strip_left(std::string_view text) {
  while (!text.empty() && is_white_space(text.front())) text.remove_prefix(1);
  return text;
}
constexpr std::string_view strip_right(std::string_view text) {
  while (!text.empty() && is_white_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace logd
