#include "query/engine/snapshot.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "format/checksum.h"
#include "query/engine/oldest_entry.h"
#include "query/engine/store_scan.h"
#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using Seqs = std::vector<uint64_t>;

std::vector<MadeEntry> entries(uint64_t first_seq, uint64_t count) {
  std::vector<MadeEntry> made;
  for (uint64_t i = 0; i < count; ++i) {
    made.push_back(entry_of(first_seq + i, "bot.service", "text"));
  }
  return made;
}

Seqs scan_all(logq::Snapshot snapshot) {
  logq::DeclaredUnits units(snapshot.store());
  const auto matcher = logq::Matcher::compile({}, std::nullopt, units);
  logq::StoreScan scan(std::move(snapshot), *matcher,
                       logq::Direction::kForward);
  Seqs seqs;
  for (logfmt::EntryView entry; scan.next(entry);) seqs.push_back(entry.seq);
  EXPECT_TRUE(scan.take_gaps().empty());
  return seqs;
}

TEST(Snapshot, KeepsAWalThatTheEncoderMovesAfterwards) {
  MadeStore store;
  const std::string wal = store.add_wal(entries(1, 6));
  auto snapshot = logq::Snapshot::take(store.dir());
  ASSERT_TRUE(snapshot);
  store.add_segment(entries(1, 6));
  ASSERT_TRUE(store.dir().remove(wal));
  EXPECT_EQ(scan_all(std::move(*snapshot)), (Seqs{1, 2, 3, 4, 5, 6}));
}

TEST(Snapshot, GivesEntriesOnceThatAreAppendedToASegmentAfterwards) {
  MadeStore store;
  const std::string name = store.add_segment(entries(1, 3), 10, Ending::kOpen);
  store.add_wal(entries(4, 3));
  auto snapshot = logq::Snapshot::take(store.dir());
  ASSERT_TRUE(snapshot);
  auto writer = logfmt::SegmentWriter::resume(store.dir(), name);
  ASSERT_TRUE(writer);
  logfmt::BlockBuilder builder(logfmt::checksum_seed(store.dir().id()));
  for (const MadeEntry& entry : entries(4, 3)) builder.add(entry.view());
  ASSERT_TRUE(writer->append(builder.finish(1)));
  EXPECT_EQ(scan_all(std::move(*snapshot)), (Seqs{1, 2, 3, 4, 5, 6}));
}

TEST(Snapshot, ASegmentThatIsVacuumedMeanwhileIsNoGap) {
  MadeStore store;
  const std::string oldest = store.add_segment(entries(1, 3));
  store.add_segment(entries(4, 3));
  auto snapshot = logq::Snapshot::take(store.dir());
  ASSERT_TRUE(store.dir().remove(oldest));
  EXPECT_EQ(scan_all(std::move(*snapshot)), (Seqs{4, 5, 6}));
}

TEST(Snapshot, FilesThatAreJustBeingMadeAreNoGaps) {
  MadeStore store;
  store.lock();
  store.add_segment(entries(1, 3));
  for (const auto& name : {logfmt::wal_name(4), logfmt::segment_name(4)}) {
    ASSERT_TRUE(logfmt::open_at(store.dir().fd(), name, O_WRONLY | O_CREAT));
  }
  const Answer answer = ask(store, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 2, 3}));
  EXPECT_TRUE(answer.gaps.empty());
}

// Only the newest file can be one that is just being made.
TEST(Snapshot, AnOlderFileWithoutAHeaderIsAGapWithALivingWriterToo) {
  MadeStore store;
  store.lock();
  store.add_segment(entries(1, 3));
  const std::string empty = store.add_segment(entries(4, 3));
  const std::string bad = store.add_segment(entries(7, 3));
  std::filesystem::resize_file(store.path_of(empty), 0);
  flip_byte(store.path_of(bad), 3);
  const Answer answer = ask(store, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 2, 3}));
  ASSERT_EQ(answer.gaps.size(), 2u);
  EXPECT_EQ(answer.gaps[0].file, empty);
  EXPECT_EQ(answer.gaps[1].file, bad);
}

TEST(Snapshot, OfAnEmptyStoreHasNoEntries) {
  MadeStore store;
  const Answer answer = ask(store, {.limit = 5});
  EXPECT_TRUE(answer.status);
  EXPECT_EQ(answer.seqs, Seqs{});
}

TEST(OldestEntry, IsThatOfTheFirstFile) {
  MadeStore store;
  EXPECT_FALSE(logq::oldest_entry(store.dir()));
  store.add_wal(entries(9, 1));
  EXPECT_EQ(logq::oldest_entry(store.dir())->seq, 9u);
  store.add_segment(entries(4, 5));
  EXPECT_EQ(logq::oldest_entry(store.dir())->seq, 4u);
  EXPECT_EQ(logq::oldest_entry(store.dir())->realtime_us, 4'000'000u);
}

}  // namespace
}  // namespace logq_test
