#include "query/engine/boots.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

constexpr int64_t kFarthest = std::numeric_limits<int64_t>::max();

// Three boots; in the second the clock was slow.
class ThreeBoots : public testing::Test {
 protected:
  ThreeBoots() {
    std::vector<MadeEntry> entries;
    const uint64_t times[] = {100, 110, 50, 60, 200, 210};
    for (uint64_t i = 0; i < 6; ++i) {
      MadeEntry entry = entry_of(i + 1, "", "");
      entry.boot = boot_number(static_cast<uint8_t>(i / 2 + 1));
      entry.realtime_us = times[i];
      entries.push_back(entry);
    }
    store_.add_segment(Entries(entries).first(4));
    store_.add_wal(Entries(entries).subspan(4));
  }

  std::span<const logfmt::StoreDir> stores() const {
    return {&store_.dir(), 1};
  }

  MadeStore store_;
};

TEST_F(ThreeBoots, AreListedInTheOrderTheyHappened) {
  const auto boots = logq::list_boots(stores());
  ASSERT_TRUE(boots);
  ASSERT_EQ(boots->size(), 3u);
  const uint64_t expected[][2] = {{100, 110}, {50, 60}, {200, 210}};
  for (uint8_t i = 0; i < 3; ++i) {
    const auto& boot = (*boots)[i];
    EXPECT_EQ(boot.id, boot_number(static_cast<uint8_t>(i + 1)));
    EXPECT_EQ(boot.first_us, expected[i][0]);
    EXPECT_EQ(boot.last_us, expected[i][1]);
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
  const auto answer = ask(store_, {.boot = logq::BootSelector{.offset = -1}});
  EXPECT_EQ(answer.seqs, (std::vector<uint64_t>{3, 4}));
}

}  // namespace
}  // namespace logq_test
