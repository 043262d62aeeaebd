#include "query/engine/literal_search.h"

#include <gtest/gtest.h>

#include <random>

namespace logq {
namespace {

constexpr size_t kNone = std::string_view::npos;

TEST(LiteralSearch, FindsExactTextFromAnOffsetOn) {
  const LiteralSearch search("ab", LiteralSearch::Case::kExact);
  EXPECT_EQ(search.find("xxabab", 0), 2u);
  EXPECT_EQ(search.find("xxabab", 3), 4u);
  EXPECT_EQ(search.find("xxabab", 5), kNone);
  EXPECT_EQ(search.find("xxabab", 7), kNone);
  EXPECT_EQ(search.find("AB", 0), kNone);
}

TEST(LiteralSearch, IgnoresTheCaseOfAsciiOnBothSides) {
  const LiteralSearch search("Timed Out", LiteralSearch::Case::kIgnored);
  EXPECT_EQ(search.find("it TIMED oUT!", 0), 3u);
  EXPECT_EQ(search.find("timed_out", 0), kNone);
  EXPECT_EQ(search.find("timed ou", 0), kNone);
}

TEST(LiteralSearch, FindsTextFarAway) {
  const std::string hay = std::string(5'000, '.') + "Needle";
  const LiteralSearch search("needle", LiteralSearch::Case::kIgnored);
  for (size_t from = 0; from <= 5'000; ++from) {
    ASSERT_EQ(search.find(hay, from), 5'000u) << from;
  }
  EXPECT_EQ(search.find(hay, 5'001), kNone);
}

TEST(LiteralSearch, FindsWhatComparingAtEveryOffsetFinds) {
  std::mt19937 random(7);
  const auto text = [&](size_t length) {
    std::string out;
    while (out.size() < length) out += "aAbB-\x80"[random() % 6];
    return out;
  };
  const auto lower = [](std::string in) {
    for (char& c : in) c = c == 'A' || c == 'B' ? static_cast<char>(c + 32) : c;
    return in;
  };
  for (int i = 0; i < 2'000; ++i) {
    const std::string hay = text(1 + random() % 40);
    const std::string needle = text(1 + random() % 4);
    const size_t from = random() % hay.size();
    const LiteralSearch exact(needle, LiteralSearch::Case::kExact);
    EXPECT_EQ(exact.find(hay, from), hay.find(needle, from));
    const LiteralSearch any(needle, LiteralSearch::Case::kIgnored);
    EXPECT_EQ(any.find(hay, from), lower(hay).find(lower(needle), from));
  }
}

}  // namespace
}  // namespace logq
