#include "query/digits.h"

#include <gtest/gtest.h>

#include <charconv>
#include <vector>

namespace logq {
namespace {

// Each power of ten and of two, and what is next to it.
std::vector<uint64_t> edges() {
  std::vector<uint64_t> values = {0, UINT64_MAX};
  for (uint64_t ten = 10; ten % 10 == 0; ten *= 10) {
    values.insert(values.end(), {ten - 1, ten, ten + 1});
  }
  for (int shift = 0; shift < 64; ++shift) {
    const uint64_t two = uint64_t{1} << shift;
    values.insert(values.end(), {two - 1, two, two + 1, two | two >> 1});
  }
  return values;
}

std::string expected(uint64_t value, int base) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base);
  return std::string(digits, end.ptr);
}

TEST(Digits, AreThoseOfTheNumberWithoutZerosInFront) {
  for (const uint64_t value : edges()) {
    std::string out = "x";
    append_number(out, value);
    EXPECT_EQ(out, "x" + expected(value, 10));
    char digits[kHexRoom];
    EXPECT_EQ(std::string(digits, write_hex(digits, value)),
              expected(value, 16));
  }
}

TEST(Digits, KeepToTheRoomTheyAskFor) {
  for (const uint64_t value : edges()) {
    std::string text(64, '~');
    write_number(text.data(), value);
    EXPECT_EQ(text.substr(kNumberRoom), std::string(64 - kNumberRoom, '~'));
    text.assign(64, '~');
    write_hex(text.data(), value);
    EXPECT_EQ(text.substr(kHexRoom), std::string(64 - kHexRoom, '~'));
  }
}

TEST(Digits, OfAnIdAreThoseOfItsBytesInOrder) {
  const auto id = *logfmt::Id128::parse("0123456789abcdeffedcba9876543210");
  char digits[kIdRoom];
  EXPECT_EQ(std::string(digits, write_id(digits, id)), id.hex());
}

TEST(Digits, FillTheWidthWithZerosOrBlanks) {
  std::string out;
  append_padded(out, 7, 2);
  append_padded(out, 1234, 2);
  append_aligned(out, 7, 3);
  append_aligned(out, 1234, 3);
  EXPECT_EQ(out, "0734  71234");
}

}  // namespace
}  // namespace logq
