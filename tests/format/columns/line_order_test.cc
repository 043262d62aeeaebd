#include "format/columns/line_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace logfmt {
namespace {

void expect_round_trip(const std::vector<uint32_t>& lines) {
  std::vector<uint32_t> back;
  uint32_t count = 0;
  const auto codes = encode_line_order(lines);
  ASSERT_TRUE(decode_line_order(
      std::vector<uint32_t>(codes.begin(), codes.end()), back, count));
  EXPECT_EQ(back, lines);
  const auto last = std::max_element(lines.begin(), lines.end());
  EXPECT_EQ(count, lines.empty() ? 0 : *last + 1);
}

TEST(LineOrder, GivesBackAnyOrder) {
  std::mt19937 random(1);
  expect_round_trip({});
  for (int run = 0; run < 200; ++run) {
    std::vector<uint32_t> lines;
    uint32_t next = 0;
    for (int row = 0; row < 300; ++row) {
      const bool is_new = next == 0 || random() % 100 < random() % 60;
      lines.push_back(is_new ? next++ : static_cast<uint32_t>(random() % next));
    }
    expect_round_trip(lines);
  }
}

TEST(LineOrder, RepeatedSequenceIsToldByItsBeginning) {
  std::vector<uint32_t> lines;
  for (int pass = 0; pass < 3; ++pass) {
    for (uint32_t line = 0; line < 100; ++line) lines.push_back(line);
  }
  const auto codes = encode_line_order(lines);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 0u), 100);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 1u), 200);
}

TEST(LineOrder, RefusesRowsThatAreNotThere) {
  for (const std::vector<uint32_t>& codes : std::vector<std::vector<uint32_t>>{
           {1}, {16}, {0, 2}, {0, 17}, {0, 1, 15}, {0, UINT32_MAX}}) {
    std::vector<uint32_t> lines;
    uint32_t count = 0;
    EXPECT_FALSE(decode_line_order(codes, lines, count));
  }
}

}  // namespace
}  // namespace logfmt
