#include "query/engine/boots.h"

#include <gtest/gtest.h>

#include <limits>

#include "query/engine/field_values.h"
#include "query/engine/matcher.h"
#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

constexpr int64_t kFarthest = std::numeric_limits<int64_t>::max();

// Three boots; in the second the clock was slow.
class ThreeBoots : public testing::Test {
 protected:
  ThreeBoots() { fill(store_, 65536); }

  // The first two boots are in a segment with blocks of so many rows.
  static void fill(MadeStore& store, size_t rows_max) {
    std::vector<MadeEntry> entries;
    const uint64_t times[] = {100, 110, 50, 60, 200, 210};
    for (uint64_t i = 0; i < 6; ++i) {
      MadeEntry entry = entry_of(i + 1, "", "");
      entry.boot = boot_number(static_cast<uint8_t>(i / 2 + 1));
      entry.realtime_us = times[i];
      entries.push_back(entry);
    }
    store.add_segment(Entries(entries).first(4), rows_max);
    store.add_wal(Entries(entries).subspan(4));
  }

  std::span<const logfmt::StoreDir> stores() const {
    return {&store_.dir(), 1};
  }

  MadeStore store_;
};

TEST_F(ThreeBoots, AreListedInTheOrderTheyHappened) {
  const uint64_t expected[][2] = {{100, 110}, {50, 60}, {200, 210}};
  for (const size_t rows_max : {1, 2, 3, 4}) {
    MadeStore store;
    fill(store, rows_max);
    const auto boots = logq::list_boots({&store.dir(), 1});
    ASSERT_TRUE(boots);
    ASSERT_EQ(boots->size(), 3u) << rows_max;
    for (uint8_t i = 0; i < 3; ++i) {
      const auto& boot = (*boots)[i];
      EXPECT_EQ(boot.id, boot_number(static_cast<uint8_t>(i + 1)));
      EXPECT_EQ(boot.first_us, expected[i][0]) << rows_max;
      EXPECT_EQ(boot.last_us, expected[i][1]) << rows_max;
    }
  }
}

TEST_F(ThreeBoots, AreCountedFromEitherEndOrFromOne) {
  struct {
    logq::BootSelector selector;
    uint8_t boot;  // 0: there is none
  } const cases[] = {
      {{.offset = 0}, 3},
      {{.offset = -1}, 2},
      {{.offset = -2}, 1},
      {{.offset = -3}, 0},
      {{.offset = 1}, 1},
      {{.offset = 3}, 3},
      {{.offset = 4}, 0},
      {{.id = boot_number(2)}, 2},
      {{.id = boot_number(2), .offset = 1}, 3},
      {{.id = boot_number(2), .offset = -1}, 1},
      {{.id = boot_number(2), .offset = -2}, 0},
      {{.id = boot_number(7), .offset = -1}, 0},
      {{.offset = kFarthest}, 0},
      {{.offset = -kFarthest - 1}, 0},
      {{.id = boot_number(2), .offset = kFarthest}, 0},
      {{.id = boot_number(2), .offset = -kFarthest - 1}, 0},
  };
  for (const auto& [selector, boot] : cases) {
    const auto resolved = logq::resolve_boot(stores(), selector);
    ASSERT_EQ(resolved.has_value(), boot != 0) << selector.offset;
    if (boot == 0) {
      EXPECT_EQ(resolved.error().code, logfmt::ErrorCode::kNotFound);
    } else {
      EXPECT_EQ(*resolved, boot_number(boot)) << selector.offset;
    }
  }
}

TEST_F(ThreeBoots, SelectTheirEntries) {
  const std::vector<uint64_t> of_boot[] = {{5, 6}, {3, 4}, {1, 2}};
  for (const size_t rows_max : {1, 2, 3, 4}) {
    MadeStore store;
    fill(store, rows_max);
    for (int64_t back = 0; back < 3; ++back) {
      const auto answer =
          ask(store, {.boot = logq::BootSelector{.offset = -back}});
      EXPECT_EQ(answer.seqs, of_boot[back]) << rows_max;
    }
  }
}

// Entries that differ in nothing else.
TEST_F(ThreeBoots, AreToldApartByTheField) {
  const std::string second = boot_number(2).hex();
  EXPECT_EQ(ask(store_, {.groups = {{{"_BOOT_ID", second}}}}).seqs,
            (std::vector<uint64_t>{3, 4}));
  const logq::FieldTerm not_second{"_BOOT_ID", second, true};
  EXPECT_EQ(ask(store_, {.groups = {{not_second}}}).seqs,
            (std::vector<uint64_t>{1, 2, 5, 6}));
}

TEST_F(ThreeBoots, AreValuesOfTheField) {
  logq::DistinctValues found;
  ASSERT_TRUE(logq::collect_values(store_.dir(), "_BOOT_ID", found));
  const std::set<std::string, std::less<>> expected{
      boot_number(1).hex(), boot_number(2).hex(), boot_number(3).hex()};
  EXPECT_EQ(found.values, expected);
}

TEST_F(ThreeBoots, BlockOfOneBootIsNotOpenedForAnother) {
  MadeStore store;
  fill(store, 2);
  const auto name = store.dir().list()->front().name;
  const auto segment =
      logfmt::SegmentReader::open(store.dir().fd(), name, store.dir().id());
  ASSERT_TRUE(segment);
  const auto& blocks = segment->blocks();
  logq::DeclaredUnits units(store.dir());
  const auto matcher = logq::Matcher::compile({}, boot_number(2), units);
  ASSERT_TRUE(matcher);
  EXPECT_FALSE(matcher->wants_block(blocks[0].header));
  EXPECT_TRUE(matcher->wants_block(blocks[1].header));
}

}  // namespace
}  // namespace logq_test
