#include "format/id128.h"

#include <sys/random.h>

#include <cstdlib>

namespace logfmt {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Id128::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(32);
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<Id128> Id128::parse(std::string_view text) {
  Id128 id;
  size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int value = hex_digit(c);
    if (value < 0 || digits == 32) return std::nullopt;
    uint8_t& byte = id.bytes[digits / 2];
    byte = static_cast<uint8_t>(byte << 4 | value);
    ++digits;
  }
  if (digits != 32) return std::nullopt;
  return id;
}

Id128 Id128::random() {
  Id128 id;
  // Up to 256 bytes getrandom never returns short once the pool is ready.
  if (getrandom(id.bytes.data(), id.bytes.size(), 0) !=
      static_cast<ssize_t>(id.bytes.size())) {
    std::abort();
  }
  return id;
}

}  // namespace logfmt
