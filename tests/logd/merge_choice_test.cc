#include "logd/store/merge_choice.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

// Neighbours of those sizes; each has so many blocks and ten numbers.
std::vector<SegmentFacts> neighbours(const std::vector<uint64_t>& bytes,
                                     size_t blocks = 1) {
  std::vector<SegmentFacts> segments;
  uint64_t seq = 1;
  for (const uint64_t size : bytes) {
    segments.push_back({.file = {.first_seq = seq, .identity = {.bytes = size}},
                        .next_seq = seq + 10,
                        .blocks = blocks,
                        .whole = true});
    seq += 10;
  }
  return segments;
}

constexpr uint64_t kRoom = 1000;

TEST(MergeChoice, TakesRunsThatAreWorthIt) {
  const struct {
    const char* what;
    std::vector<uint64_t> bytes;
    size_t blocks;
    size_t first;
    size_t count;
  } cases[] = {
      {"nothing", {}, 1, 0, 0},
      {"too few", {1, 1, 1}, 1, 0, 0},
      {"four of a size", {1, 1, 1, 1}, 1, 0, 4},
      {"a large one waits until as much has gathered", {10, 1, 1, 1}, 1, 0, 0},
      {"but the small ones behind it need not", {10, 1, 1, 1, 1}, 1, 1, 4},
      {"and then it joins", {4, 1, 1, 1, 1}, 1, 0, 5},
      {"no more bytes than a segment holds", {300, 300, 300, 300}, 1, 0, 0},
      {"no more blocks either", {1, 1, 1, 1, 1, 1}, 4, 0, 4},
      {"full ones stay", {1, 1, 1, 1, 1}, 16, 0, 0},
      {"empty ones cost no block", {1, 1, 1, 1, 1}, 0, 0, 5},
  };
  for (const auto& c : cases) {
    const auto segments = neighbours(c.bytes, c.blocks);
    const auto run = choose_merge(segments, kRoom);
    ASSERT_EQ(run.size(), c.count) << c.what;
    if (c.count > 0) {
      EXPECT_EQ(&run.front(), &segments[c.first]) << c.what;
    }
  }
}

TEST(MergeChoice, KeepsWhatIsNotWholeApart) {
  auto segments = neighbours({1, 1, 1, 1, 1, 1, 1, 1});
  segments[3].whole = false;
  const auto run = choose_merge(segments, kRoom);
  ASSERT_EQ(run.size(), 4u);
  EXPECT_EQ(&run.front(), &segments[4]);
}

// A merged segment owns its whole range: the missing would look removed.
TEST(MergeChoice, HidesNoMissingEntries) {
  auto segments = neighbours({1, 1, 1, 1, 1});
  segments[1].next_seq -= 1;
  EXPECT_TRUE(choose_merge(segments, kRoom).empty());
}

// A year of days, each sealing one: no byte is written over and over.
TEST(MergeChoice, RewritesLittleOverTime) {
  std::vector<SegmentFacts> segments;
  uint64_t rewritten = 0;
  for (uint64_t day = 0; day < 365; ++day) {
    segments.push_back({.file = {.first_seq = day, .identity = {.bytes = 1}},
                        .next_seq = day + 1,
                        .blocks = 1,
                        .whole = true});
    const auto run = choose_merge(segments, 100'000);
    if (run.empty()) continue;
    SegmentFacts merged = run.front();
    merged.next_seq = run.back().next_seq;
    merged.file.identity.bytes = 0;
    for (const auto& part : run) {
      merged.file.identity.bytes += part.file.identity.bytes;
    }
    rewritten += merged.file.identity.bytes;
    const auto at = segments.begin() + (&run.front() - segments.data());
    const auto end = at + static_cast<std::ptrdiff_t>(run.size());
    segments.insert(segments.erase(at, end), merged);
  }
  EXPECT_LT(rewritten, 365u * 9);
  EXPECT_LT(segments.size(), 40u);
}

}  // namespace
}  // namespace logd
