#include "format/vacuum.h"

#include <gtest/gtest.h>

#include "format/segment_rewrite.h"
#include "tests/format/testing/segment_samples.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::add_segment;
using testing::plain_run;
using testing::TempDir;

std::vector<StoreFile> listing(size_t segments, size_t wals) {
  std::vector<StoreFile> files;
  for (uint64_t seq = 1; seq <= segments + wals; ++seq) {
    const auto kind =
        seq <= segments ? StoreFileKind::kSegment : StoreFileKind::kWal;
    files.push_back({.kind = kind, .first_seq = seq, .disk_bytes = 10});
  }
  return files;
}

TEST(Vacuum, ChoosesTheOldestButNeverTheNewestSegmentOrAWal) {
  const struct {
    size_t segments;
    size_t wals;
    uint64_t bytes_max;
    size_t files_max;
    size_t chosen;
  } cases[] = {{5, 1, 60, 6, 0}, {5, 1, 59, 5, 1}, {5, 1, 25, 2, 4},
               {5, 1, 0, 0, 4},  {1, 0, 0, 0, 0},  {0, 3, 0, 0, 0},
               {0, 0, 0, 0, 0}};
  for (const auto& c : cases) {
    const auto files = listing(c.segments, c.wals);
    const auto by_bytes = choose_beyond_bytes(files, c.bytes_max);
    const auto by_count = choose_beyond_count(files, c.files_max);
    ASSERT_EQ(by_bytes.size(), c.chosen) << c.bytes_max;
    ASSERT_EQ(by_count.size(), c.chosen) << c.files_max;
    for (size_t i = 0; i < c.chosen; ++i) {
      EXPECT_EQ(by_bytes[i].first_seq, i + 1);
      EXPECT_EQ(by_count[i].first_seq, i + 1);
    }
  }
}

TEST(Vacuum, ChoosesWhatIsOlderUpToTheFirstThatIsNot) {
  const TempDir dir;
  const StoreDir store = testing::make_store(dir.path());
  for (const uint64_t seq : {1, 11, 21}) add_segment(store, plain_run(seq, 10));
  const auto files = store.list().value();
  const auto entries = plain_run(1, 30);
  EXPECT_EQ(choose_older(store, files, entries[19].realtime_us).size(), 1u);
  EXPECT_EQ(choose_older(store, files, entries[19].realtime_us + 1).size(), 2u);
  EXPECT_EQ(choose_older(store, files, UINT64_MAX).size(), 3u);
}

TEST(Vacuum, LeavesWhatWasRewrittenSinceItWasChosen) {
  const TempDir dir;
  const StoreDir store = testing::make_store(dir.path());
  for (const uint64_t seq : {1, 11, 21}) add_segment(store, plain_run(seq, 10));
  const auto files = store.list().value();
  ASSERT_TRUE(rewrite(store, {&files[1], 1}, {}));
  const auto removed = remove_segments(store, files);
  ASSERT_TRUE(removed);
  ASSERT_EQ(removed->size(), 1u);
  EXPECT_EQ(removed->front().name, segment_name(1));
  EXPECT_EQ(store.list()->size(), 2u);
}

TEST(Vacuum, PassesOverWhatIsGoneAlready) {
  const TempDir dir;
  const StoreDir store = testing::make_store(dir.path());
  for (const uint64_t seq : {1, 11}) add_segment(store, plain_run(seq, 10));
  const auto files = store.list().value();
  ASSERT_TRUE(store.remove(files[0].name));
  EXPECT_EQ(remove_segments(store, files)->size(), 1u);
}

}  // namespace
}  // namespace logfmt
