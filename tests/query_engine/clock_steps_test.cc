// Clocks are stepped, machines are booted; what is found by time and by boot
// is what looking at every entry finds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "query/engine/boots.h"
#include "tests/query_engine/plain_search.h"
#include "tests/query_engine/random_store.h"

namespace logq_test {
namespace {

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kDayUs = 86'400 * kSecondUs;

// A machine's life of ten thousand seconds or so: steps of a day and of an
// hour, of seconds, and boots, all in the middle of things.
class Machine {
 public:
  explicit Machine(Random& random) : random_(random) {}

  MadeEntry next(uint64_t seq) {
    const uint64_t passed_us = below(random_, 3 * kSecondUs);
    up_us_ += passed_us;
    clock_us_ += passed_us;
    if (chance(random_, 30)) step();
    if (chance(random_, 50)) reboot();
    MadeEntry entry = entry_of(seq, "bot.service", std::to_string(seq));
    entry.boot = boot_number(boot_);
    entry.realtime_us = clock_us_;
    entry.monotonic_us = up_us_;
    return entry;
  }

 private:
  void step() {
    constexpr uint64_t kSteps[] = {kDayUs, 3600 * kSecondUs, kSecondUs, 1};
    const uint64_t by = kSteps[below(random_, std::size(kSteps))];
    clock_us_ += chance(random_, 2) ? by : -by;
  }
  // A clock without a battery begins somewhere.
  void reboot() {
    ++boot_;
    up_us_ = below(random_, kSecondUs);
    if (chance(random_, 4)) clock_us_ = 50 * kDayUs;
  }

  Random& random_;
  uint8_t boot_ = 1;
  uint64_t up_us_ = 0;
  uint64_t clock_us_ = 100 * kDayUs;
};

class ClockSteps : public testing::TestWithParam<unsigned> {
 protected:
  ClockSteps() : random_(GetParam()) {
    Machine machine(random_);
    for (uint64_t seq = 1; seq <= 400; ++seq) {
      entries_.push_back(machine.next(seq));
      if (boots_.empty() || boots_.back() != entries_.back().boot) {
        boots_.push_back(entries_.back().boot);
      }
    }
    fill_store(random_, entries_, store_);
  }

  // About a time that is an entry's, or far from all.
  uint64_t some_time() {
    const uint64_t time = entries_[below(random_, entries_.size())].realtime_us;
    switch (below(random_, 4)) {
      case 0:
        return time + 1;
      case 1:
        return time - 1;
      case 2:
        return time + (chance(random_, 2) ? kDayUs : -kDayUs) / 2;
      default:
        return time;
    }
  }

  logq::Query some_query() {
    logq::Query query;
    if (!chance(random_, 3)) query.since_us = some_time();
    if (!chance(random_, 3)) query.until_us = some_time();
    if (chance(random_, 3)) {
      query.boot =
          logq::BootSelector{.id = boots_[below(random_, boots_.size())]};
    }
    if (chance(random_, 2)) query.limit = below(random_, 50);
    query.from_oldest = chance(random_, 2);
    query.reverse = chance(random_, 2);
    return query;
  }

  void expect_same(const logq::Query& query, const logq::Query& plain) {
    const Answer answer = ask(store_, query);
    ASSERT_TRUE(answer.status) << answer.status.error().message();
    ASSERT_TRUE(answer.gaps.empty()) << answer.gaps.front().message();
    ASSERT_EQ(answer.seqs, plain_search(entries_, plain))
        << "since " << query.since_us << " until " << query.until_us;
    for (const MadeEntry& entry : answer.entries) {
      ASSERT_EQ(entry, entries_[entry.seq - 1]);
    }
  }

  Random random_;
  std::vector<MadeEntry> entries_;
  std::vector<logfmt::Id128> boots_;  // in order
  MadeStore store_;
};

TEST_P(ClockSteps, HideNothingFromAWindow) {
  for (int i = 0; i < 300; ++i) {
    const logq::Query query = some_query();
    ASSERT_NO_FATAL_FAILURE(expect_same(query, query));
  }
}

TEST_P(ClockSteps, LeaveBootsInTheOrderInWhichTheyWere) {
  const auto known = logq::list_boots(std::span(&store_.dir(), 1));
  ASSERT_TRUE(known);
  ASSERT_EQ(known->size(), boots_.size());
  const auto count = static_cast<int64_t>(boots_.size());
  for (int64_t i = 0; i < count; ++i) {
    const auto& boot = boots_[static_cast<size_t>(i)];
    EXPECT_EQ((*known)[static_cast<size_t>(i)].id, boot);
    // Counted from the oldest, from the newest, and from another.
    for (const logq::BootSelector& selector :
         {logq::BootSelector{.offset = i + 1},
          logq::BootSelector{.offset = i + 1 - count},
          logq::BootSelector{.id = boots_.front(), .offset = i}}) {
      if (selector.offset == 0 && !selector.id && i + 1 != count) continue;
      logq::Query query = some_query();
      logq::Query plain = query;
      query.boot = selector;
      plain.boot = logq::BootSelector{.id = boot};
      ASSERT_NO_FATAL_FAILURE(expect_same(query, plain));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfSeed, ClockSteps,
                         testing::Range(1u, std::getenv("LOGD_FAULTS_LONG") !=
                                                    nullptr
                                                ? 2000u
                                                : 20u));

}  // namespace
}  // namespace logq_test
