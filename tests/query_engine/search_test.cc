#include "query/engine/search.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using Seqs = std::vector<uint64_t>;

// Six entries in a sealed segment, an open segment and a WAL.
class Spread : public testing::Test {
 protected:
  Spread() {
    for (uint64_t seq = 1; seq <= 9; ++seq) {
      entries_.push_back(entry_of(seq, seq % 2 == 0 ? "even.service" : "",
                                  "message " + std::to_string(seq)));
    }
    store_.add_segment(Entries(entries_).subspan(0, 4), 2);
    store_.add_segment(Entries(entries_).subspan(4, 3), 2, Ending::kOpen);
    store_.add_wal(Entries(entries_).subspan(5, 4));
  }

  std::vector<MadeEntry> entries_;
  MadeStore store_;
};

TEST_F(Spread, GivesAllEntriesOnceAndInOrder) {
  const Answer answer = ask(store_, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_TRUE(answer.gaps.empty());
}

TEST_F(Spread, LimitGivesTheNewestInForwardOrder) {
  EXPECT_EQ(ask(store_, {.limit = 5}).seqs, (Seqs{5, 6, 7, 8, 9}));
  EXPECT_EQ(ask(store_, {.limit = 100}).seqs.size(), 9u);
  EXPECT_EQ(ask(store_, {.limit = 0}).seqs, Seqs{});
}

TEST_F(Spread, LimitFromOldestGivesTheFirst) {
  EXPECT_EQ(ask(store_, {.limit = 3, .from_oldest = true}).seqs,
            (Seqs{1, 2, 3}));
}

TEST_F(Spread, ReverseGivesTheNewestFirst) {
  EXPECT_EQ(ask(store_, {.limit = 3, .reverse = true}).seqs, (Seqs{9, 8, 7}));
  EXPECT_EQ(
      ask(store_, {.limit = 3, .from_oldest = true, .reverse = true}).seqs,
      (Seqs{3, 2, 1}));
}

TEST_F(Spread, GoesOnAfterASequenceNumber) {
  EXPECT_EQ(ask(store_, {.after_seq = 6}).seqs, (Seqs{7, 8, 9}));
}

TEST_F(Spread, KnowsWhereAFollowerGoesOn) {
  for (const auto limit : {std::optional<uint64_t>(), {0}, {2}}) {
    auto search =
        logq::Search::open(std::span(&store_.dir(), 1), {.limit = limit});
    ASSERT_TRUE(search);
    for (logq::Match match; search->next(match);) {
    }
    EXPECT_EQ(search->end_seqs(), Seqs{10}) << limit.value_or(99);
  }
}

TEST(Search, MergesStoresByTimeAndStoresKeepTheirOrder) {
  std::vector<MadeEntry> one{entry_of(1, "", ""), entry_of(4, "", "")};
  std::vector<MadeEntry> two{entry_of(2, "", ""), entry_of(3, "", ""),
                             entry_of(6, "", "")};
  MadeStore first;
  MadeStore second;
  first.add_segment(one);
  second.add_segment(two);
  std::vector<logfmt::StoreDir> stores;
  stores.push_back(std::move(*logfmt::StoreDir::open(first.dir().path())));
  stores.push_back(std::move(*logfmt::StoreDir::open(second.dir().path())));
  const auto ask_both = [&](const logq::Query& query) {
    Seqs seqs;
    auto search = logq::Search::open(stores, query);
    for (logq::Match match; search->next(match);) {
      seqs.push_back(match.entry.seq);
    }
    return seqs;
  };
  EXPECT_EQ(ask_both({}), (Seqs{1, 2, 3, 4, 6}));
  EXPECT_EQ(ask_both({.limit = 3}), (Seqs{3, 4, 6}));
  EXPECT_EQ(ask_both({.limit = 3, .reverse = true}), (Seqs{6, 4, 3}));
  EXPECT_EQ(ask_both({.limit = 2, .from_oldest = true}), (Seqs{1, 2}));
}

TEST(Search, GreatestLimitIsNoLimit) {
  MadeStore store;
  const std::vector<MadeEntry> entries{entry_of(1, "", "a"),
                                       entry_of(2, "", "b")};
  store.add_segment(entries);
  constexpr uint64_t kGreatest = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(ask(store, {.limit = kGreatest}).seqs, (Seqs{1, 2}));
  EXPECT_EQ(ask(store, {.limit = kGreatest - 1}).seqs, (Seqs{1, 2}));
}

TEST(Search, RefusesAPatternThatIsNone) {
  MadeStore store;
  const Answer answer = ask(store, {.text = {.include = {"a(b"}}});
  ASSERT_FALSE(answer.status);
  EXPECT_EQ(answer.status.error().code, logfmt::ErrorCode::kInvalidArgument);
  EXPECT_NE(answer.status.error().message().find("a(b"), std::string::npos);
}

}  // namespace
}  // namespace logq_test
