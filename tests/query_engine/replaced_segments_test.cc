// Segments that are merged, rewritten and removed while somebody reads them.
#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "format/segment_rewrite.h"
#include "query/engine/field_values.h"
#include "query/engine/store_scan.h"
#include "tests/query_engine/made_store.h"
#include "tests/query_engine/random_store.h"

namespace logq_test {
namespace {

using logfmt::StoreFile;
using logfmt::StoreFileKind;
using Seqs = std::vector<uint64_t>;

Seqs range(uint64_t first, uint64_t last) {
  Seqs seqs(last - first + 1);
  std::iota(seqs.begin(), seqs.end(), first);
  return seqs;
}

// Entries 1 to 40 in four segments with blocks of two rows, 41 to 44 in a WAL.
class ReplacedSegments : public testing::Test {
 protected:
  ReplacedSegments() {
    for (uint64_t seq = 1; seq <= 44; ++seq) {
      const bool odd = seq % 2 != 0;
      entries_.push_back(entry_of(seq, odd ? "odd.service" : "even.service",
                                  "message " + std::to_string(seq)));
    }
    for (size_t i = 0; i < 40; i += 10) {
      store_.add_segment(Entries(entries_).subspan(i, 10), 2);
    }
    store_.add_wal(Entries(entries_).subspan(40));
  }

  std::vector<StoreFile> segments() {
    auto files = store_.dir().list();
    std::erase_if(*files, [](const StoreFile& file) {
      return file.kind != StoreFileKind::kSegment;
    });
    return *files;
  }
  void merge(size_t first, size_t count) {
    const auto files = segments();
    ASSERT_TRUE(logfmt::rewrite(store_.dir(),
                                std::span(files).subspan(first, count), {}));
  }
  void drop(size_t file, uint64_t begin, uint64_t end) {
    const auto files = segments();
    ASSERT_TRUE(logfmt::rewrite(store_.dir(), std::span(files).subspan(file, 1),
                                {.keep = [&](const logfmt::EntryView& entry) {
                                  return entry.seq < begin || entry.seq >= end;
                                }}));
  }
  logq::Snapshot snapshot(size_t wal_passes = 2) {
    return std::move(*logq::Snapshot::take(store_.dir(), wal_passes));
  }

  std::vector<MadeEntry> entries_;
  MadeStore store_;
};

// A scan that sees everything, and reports no damage as long as it lives.
class Walk {
 public:
  Walk(logq::Snapshot snapshot, logq::Direction direction)
      : units_(snapshot.store()),
        matcher_(std::move(*logq::Matcher::compile({}, std::nullopt, units_))),
        scan_(std::move(snapshot), matcher_, direction) {}
  ~Walk() { EXPECT_TRUE(scan_.take_gaps().empty()); }

  Seqs next(size_t count = SIZE_MAX) {
    Seqs seqs;
    logfmt::EntryView entry;
    while (seqs.size() < count && scan_.next(entry)) seqs.push_back(entry.seq);
    return seqs;
  }
  Seqs previous(size_t count = SIZE_MAX) {
    Seqs seqs;
    logfmt::EntryView entry;
    while (seqs.size() < count && scan_.previous(entry)) {
      seqs.insert(seqs.begin(), entry.seq);
    }
    return seqs;
  }

 private:
  logq::DeclaredUnits units_;
  logq::Matcher matcher_;
  logq::StoreScan scan_;
};

TEST_F(ReplacedSegments, AreReadOnceWhenTheyWereMergedAfterTheSnapshot) {
  Walk forward(snapshot(), logq::Direction::kForward);
  Walk backward(snapshot(), logq::Direction::kBackward);
  merge(0, 4);
  ASSERT_EQ(segments().size(), 1u);
  EXPECT_EQ(forward.next(), range(1, 44));
  EXPECT_EQ(backward.previous(), range(1, 44));
}

TEST_F(ReplacedSegments, AreReadOnceWhenTheyAreMergedInTheMiddleOfAWalk) {
  for (const size_t before : {0, 1, 9, 10, 11, 25, 40, 42}) {
    Walk forward(snapshot(), logq::Direction::kForward);
    Walk backward(snapshot(), logq::Direction::kBackward);
    Seqs up = forward.next(before);
    Seqs down = backward.previous(before);
    if (segments().size() > 1) merge(segments().size() - 2, 2);
    const Seqs more = forward.next();
    up.insert(up.end(), more.begin(), more.end());
    EXPECT_EQ(up, range(1, 44)) << before;
    const Seqs rest = backward.previous();
    down.insert(down.begin(), rest.begin(), rest.end());
    EXPECT_EQ(down, range(1, 44)) << before;
  }
}

TEST_F(ReplacedSegments, StandUnderTheirPassingNameToo) {
  Walk before(snapshot(), logq::Direction::kForward);
  merge(1, 2);
  std::filesystem::rename(store_.path_of(logfmt::segment_name(11)),
                          store_.path_of(logfmt::merged_name(11, 31)));
  Walk after(snapshot(), logq::Direction::kForward);
  EXPECT_EQ(before.next(), range(1, 44));
  EXPECT_EQ(after.next(25), range(1, 25));
  std::filesystem::rename(store_.path_of(logfmt::merged_name(11, 31)),
                          store_.path_of(logfmt::segment_name(11)));
  EXPECT_EQ(after.previous(), range(1, 25));
  EXPECT_EQ(after.next(), range(1, 44));
}

TEST_F(ReplacedSegments, GiveWhatIsLeftOfThemAndNoGap) {
  Walk walk(snapshot(), logq::Direction::kForward);
  drop(1, 11, 21);
  drop(2, 25, 31);
  Seqs left = range(1, 10);
  for (const uint64_t seq : range(21, 24)) left.push_back(seq);
  for (const uint64_t seq : range(31, 44)) left.push_back(seq);
  EXPECT_EQ(walk.next(), left);
  EXPECT_EQ(walk.previous(), left);
  merge(0, 4);
  EXPECT_EQ(ask(store_, {}).seqs, left);
  EXPECT_TRUE(ask(store_, {}).gaps.empty());
}

TEST_F(ReplacedSegments, DoNotBringBackFromAWalWhatWasRemovedFromThem) {
  store_.add_wal(Entries(entries_).subspan(35, 5));
  drop(3, 38, 41);
  Seqs left = range(1, 37);
  for (const uint64_t seq : range(41, 44)) left.push_back(seq);
  EXPECT_EQ(ask(store_, {}).seqs, left);
}

TEST_F(ReplacedSegments, AreNoGapWhenTheyWereMergedAndThenRemoved) {
  Walk walk(snapshot(), logq::Direction::kForward);
  merge(0, 3);
  ASSERT_TRUE(store_.dir().remove(logfmt::segment_name(1)));
  EXPECT_EQ(walk.next(), range(31, 44));
}

TEST_F(ReplacedSegments, CanBeWalkedToAndFroWhileTheyAreMerged) {
  Walk walk(snapshot(), logq::Direction::kBackward);
  EXPECT_EQ(walk.previous(30), range(15, 44));
  merge(2, 2);
  EXPECT_EQ(walk.next(17), range(15, 31));
  EXPECT_EQ(walk.next(), range(32, 44));
}

TEST_F(ReplacedSegments, KeepTheirValuesAndUnits) {
  auto taken = snapshot();
  logq::DeclaredUnits units(store_.dir());
  EXPECT_FALSE(units.contains("none.service"));
  merge(0, 4);
  EXPECT_TRUE(units.contains("odd.service"));
  logq::DistinctValues found;
  ASSERT_TRUE(logq::collect_values(store_.dir(), "_SYSTEMD_UNIT", found));
  EXPECT_EQ(found.values.size(), 2u);
}

// A cursor in a list, moved at random, while the segments of the list become
// fewer.
TEST_F(ReplacedSegments, CanBeWalkedAtRandom) {
  constexpr int kSteps = 60;
  Random random(7);
  for (int round = 0; round < 20; ++round) {
    Walk walk(snapshot(kSteps), logq::Direction::kForward);
    uint64_t at = 0;  // entries before the cursor
    for (int step = 0; step < kSteps; ++step) {
      const size_t count = below(random, 25);
      if (chance(random, 2)) {
        const Seqs got = walk.next(count);
        ASSERT_EQ(got.size(), std::min<size_t>(count, 44 - at));
        if (!got.empty()) {
          ASSERT_EQ(got, range(at + 1, at + got.size()));
        }
        at += got.size();
      } else {
        const Seqs got = walk.previous(std::min<size_t>(count, at));
        ASSERT_EQ(got.size(), std::min<size_t>(count, at));
        at -= got.size();
        if (!got.empty()) {
          ASSERT_EQ(got, range(at + 1, at + got.size()));
        }
      }
    }
    if (round % 5 == 4 && segments().size() > 1) merge(0, 2);
  }
}

TEST(Snapshot, AFileUnderAnotherOnesNameIsAGap) {
  MadeStore store;
  const std::vector<MadeEntry> entries{
      entry_of(1, "", "a"), entry_of(2, "", "b"), entry_of(3, "", "c")};
  const std::string first = store.add_segment(Entries(entries).subspan(0, 1));
  const std::string second = store.add_segment(Entries(entries).subspan(1, 1));
  store.add_segment(Entries(entries).subspan(2, 1));
  std::filesystem::copy_file(store.path_of(first), store.path_of(second),
                             std::filesystem::copy_options::overwrite_existing);
  const Answer answer = ask(store, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 3}));
  ASSERT_EQ(answer.gaps.size(), 1u);
  EXPECT_EQ(answer.gaps[0].file, second);
}

}  // namespace
}  // namespace logq_test
