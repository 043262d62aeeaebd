#include "logd/store/retention.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "format/limits.h"
#include "tests/format/testing/store_samples.h"
#include "tests/logd/testing/temp_store.h"

namespace logd {
namespace {

using logfmt::StoreFile;
using logfmt::StoreFileKind;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kPlenty = 1'000'000 * kMiB;

// Segments of those sizes in MiB from the oldest on, then WALs.
std::vector<StoreFile> listing(std::vector<uint64_t> segments,
                               std::vector<uint64_t> wals) {
  std::vector<StoreFile> files;
  uint64_t seq = 1;
  for (const uint64_t size : segments) {
    files.push_back(
        {StoreFileKind::kSegment, seq, logfmt::segment_name(seq), size * kMiB});
    ++seq;
  }
  for (const uint64_t size : wals) {
    files.push_back(
        {StoreFileKind::kWal, seq, logfmt::wal_name(seq), size * kMiB});
    ++seq;
  }
  return files;
}

TEST(Retention, RemovesTheOldestUntilTheLimitsHold) {
  struct Case {
    const char* what;
    std::vector<uint64_t> segments;
    std::vector<uint64_t> wals;
    RetentionRules rules;
    uint64_t available;
    size_t evicted;
  };
  const Case cases[] = {
      {"nothing", {}, {}, {0, 0, 0}, 0, 0},
      {"below all limits",
       {10, 10},
       {8},
       {100 * kMiB, 0, 8 * kMiB},
       kPlenty,
       0},
      {"exactly at the limit",
       {42, 42},
       {8},
       {100 * kMiB, 0, 8 * kMiB},
       kPlenty,
       0},
      {"headroom counts", {42, 43}, {8}, {100 * kMiB, 0, 8 * kMiB}, kPlenty, 1},
      {"WALs count", {40, 40}, {8, 8, 8}, {100 * kMiB, 0, 0}, kPlenty, 1},
      {"one is enough", {5, 5, 5, 90}, {8}, {110 * kMiB, 0, 0}, kPlenty, 1},
      {"as many as it takes",
       {5, 5, 5, 90},
       {8},
       {100 * kMiB, 0, 0},
       kPlenty,
       3},
      {"the newest stays", {50, 50}, {8}, {10 * kMiB, 0, 8 * kMiB}, kPlenty, 1},
      {"WALs stay", {}, {50, 50}, {10 * kMiB, 0, 0}, kPlenty, 0},
      {"keep free",
       {10, 10, 10, 10},
       {8},
       {kPlenty, 100 * kMiB, 0},
       85 * kMiB,
       2},
      {"a neighbour fills the disk",
       {10, 10, 10, 10},
       {8},
       {kPlenty, 100 * kMiB, 0},
       0,
       3},
      {"sixteen are left for a neighbour",
       {10, 10, 10},
       {0},
       {kPlenty, 100 * kMiB, 0},
       0,
       1},
      {"which its own limit goes below",
       {10, 10, 10},
       {},
       {12 * kMiB, 100 * kMiB, 0},
       0,
       2},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const auto files = listing(c.segments, c.wals);
    const auto evicted = choose_evicted(files, c.rules, {kPlenty, c.available});
    ASSERT_EQ(evicted.size(), c.evicted);
    for (size_t i = 0; i < evicted.size(); ++i) {
      EXPECT_EQ(evicted[i].name, files[i].name);
    }
  }
}

TEST(Retention, NeverGoesBelowTwoWals) {
  StoreConfig config;
  config.max_use.bytes = 1;
  const auto rules = resolve_rules(config, {kPlenty, kPlenty});
  EXPECT_GE(rules.max_use_bytes, 2 * logfmt::kWalBytes);
}

// Three sealed segments of one entry each; the entries are of 2023.
class RetentionOfStore : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 1; i <= 3; ++i) {
      store_.add("entry " + std::to_string(i));
      (void)store_.writer().rotate();
      ASSERT_TRUE(testing::becomes_true([&] { return sealed() == i; }));
    }
    (void)store_.events().take();
  }
  int sealed() {
    const auto files = store_.dir().list().value();
    return static_cast<int>(
        std::count_if(files.begin(), files.end(), [&](const StoreFile& file) {
          const auto reading =
              logfmt::testing::read_segment(store_.dir(), file.name);
          return reading.opened && !reading.open_from;
        }));
  }

  testing::TempStore store_;
};

TEST_F(RetentionOfStore, RemovesWhatIsTooOldAndSaysSo) {
  StoreConfig config;
  config.max_age = std::chrono::hours(24);
  ASSERT_TRUE(enforce_retention(store_.dir(), config, store_.events()));
  EXPECT_TRUE(testing::names(store_.dir()).empty());
  const auto events = store_.events().take();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].kind, EventKind::kEvicted);
  EXPECT_EQ(events[0].fields[0].second, "age");
}

TEST_F(RetentionOfStore, KeepsWhatIsYoungEnough) {
  StoreConfig config;
  config.max_age = std::chrono::hours(24 * 36'000);
  ASSERT_TRUE(enforce_retention(store_.dir(), config, store_.events()));
  EXPECT_EQ(testing::names(store_.dir()).size(), 3U);
}

TEST_F(RetentionOfStore, IsNotStoppedByAnUnreadableFile) {
  const std::string oldest = testing::names(store_.dir()).front();
  logfmt::testing::write_whole(store_.dir().path() + "/" + oldest, "garbage");
  StoreConfig config;
  config.max_age = std::chrono::hours(24);
  ASSERT_TRUE(enforce_retention(store_.dir(), config, store_.events()));
  EXPECT_EQ(testing::names(store_.dir()), std::vector{oldest});
}

}  // namespace
}  // namespace logd
