#include "query/care/seq_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace logq {
namespace {

TEST(SeqSet, IsASetOfNumbers) {
  std::mt19937_64 random(1);
  SeqSet set;
  std::set<uint64_t> plain;
  const uint64_t base = 1ULL << 40;
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t seq = base + random() % 200'000;
    if (random() % 3 == 0) {
      set.remove(seq);
      plain.erase(seq);
    } else {
      set.add(seq);
      plain.insert(seq);
    }
  }
  EXPECT_EQ(set.size(), plain.size());
  for (int i = 0; i < 2'000; ++i) {
    const uint64_t begin = base - 10 + random() % 200'020;
    const uint64_t end = begin + random() % 40;
    EXPECT_EQ(set.contains(begin), plain.contains(begin));
    const auto next = plain.lower_bound(begin);
    EXPECT_EQ(set.any_in(begin, end), next != plain.end() && *next < end);
  }
}

TEST(SeqSet, LooksForNumbersUpToTheGreatest) {
  SeqSet set;
  set.add(65536);
  EXPECT_TRUE(set.any_in(0, UINT64_MAX));
  EXPECT_TRUE(set.any_in(65536, 65537));
  EXPECT_FALSE(set.any_in(65537, UINT64_MAX));
  EXPECT_FALSE(set.any_in(0, 65536));
  set.remove(65536);
  EXPECT_TRUE(set.empty());
  EXPECT_FALSE(set.any_in(0, UINT64_MAX));
}

}  // namespace
}  // namespace logq
