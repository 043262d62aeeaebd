#include "logd/store/recovery.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "format/limits.h"
#include "tests/format/testing/store_samples.h"
#include "tests/logd/testing/temp_store.h"

namespace logd {
namespace {

using logfmt::testing::read_whole;
using logfmt::testing::Sample;
using logfmt::testing::WalMaker;
using logfmt::testing::write_whole;
using testing::TempDir;

class RecoveryTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) { return dir_.path() + "/" + name; }

  // Three frames of four entries each: 1-4, 5-8, 9-12.
  std::vector<Sample> write_wal(bool close) {
    auto rows = logfmt::testing::plain_run(1, 12);
    for (Sample& row : rows) row.boot = logfmt::testing::kBoot;
    WalMaker wal(store_, 1);
    for (size_t i = 0; i < 12; i += 4) {
      wal.append(std::span(rows).subspan(i, 4));
    }
    end_ = wal.writer().bytes();
    last_frame_ = wal.frame_offsets().back();
    if (close) wal.close();
    return rows;
  }
  RecoveredStore recover() {
    auto found = recover_store(store_, events_);
    EXPECT_TRUE(found);
    return std::move(*found);
  }
  std::vector<EventKind> told() {
    std::vector<EventKind> kinds;
    for (const Event& event : events_.take()) kinds.push_back(event.kind);
    return kinds;
  }

  TempDir dir_;
  logfmt::StoreDir store_ = logfmt::testing::make_store(dir_.path());
  EventLog events_;
  uint64_t end_ = 0;
  uint64_t last_frame_ = 0;
};

const std::string kFirstWal = logfmt::wal_name(1);

TEST_F(RecoveryTest, BeginsAnEmptyStoreAtOne) {
  const auto found = recover();
  EXPECT_EQ(found.next_seq, 1U);
  EXPECT_TRUE(found.wals.empty());
  EXPECT_TRUE(told().empty());
}

TEST_F(RecoveryTest, TakesUpWhatWasClosedInOrder) {
  write_wal(true);
  const auto found = recover();
  EXPECT_EQ(found.next_seq, 13U);
  ASSERT_EQ(found.wals.size(), 1U);
  EXPECT_EQ(found.wals[0].name, kFirstWal);
  EXPECT_TRUE(told().empty());
}

TEST_F(RecoveryTest, ClosesWhatADeadDaemonLeftAndSaysSo) {
  const auto rows = write_wal(false);
  const auto found = recover();
  EXPECT_EQ(found.next_seq, 13U);
  EXPECT_EQ(told(), std::vector{EventKind::kUnclean});
  const auto reading = logfmt::testing::read_wal(store_, kFirstWal);
  EXPECT_EQ(reading.entries, rows);
  EXPECT_FALSE(reading.open_from);
  EXPECT_EQ(recover().next_seq, 13U);
  EXPECT_TRUE(told().empty());
}

TEST_F(RecoveryTest, CutsATornFrameWhereverItEnds) {
  const auto rows = write_wal(false);
  const std::string whole = read_whole(path(kFirstWal)).substr(0, end_);
  for (uint64_t cut = last_frame_; cut < end_; ++cut) {
    SCOPED_TRACE(cut);
    // Some file systems leave zeros where the rest would be.
    std::string torn = whole.substr(0, cut);
    if (cut % 2 == 1 && cut + 8 < end_) torn.resize(end_ + 100);
    write_whole(path(kFirstWal), torn);
    const auto found = recover();
    ASSERT_EQ(found.next_seq, 9U);
    ASSERT_EQ(told(), std::vector{EventKind::kUnclean});
    const auto reading = logfmt::testing::read_wal(store_, kFirstWal);
    ASSERT_EQ(reading.entries, std::vector(rows.begin(), rows.begin() + 8));
    ASSERT_TRUE(reading.gaps.empty());
    ASSERT_FALSE(reading.open_from);
  }
}

TEST_F(RecoveryTest, RemovesAWalThatNeverHeldAnything) {
  write_whole(path(logfmt::wal_name(5)), "");
  const auto found = recover();
  EXPECT_TRUE(found.wals.empty());
  EXPECT_TRUE(testing::names(store_).empty());
  EXPECT_TRUE(told().empty());
}

TEST_F(RecoveryTest, GivesNoNumberTwiceAfterAFrameWasLost) {
  const auto rows = write_wal(false);
  std::string bytes = read_whole(path(kFirstWal)).substr(0, end_);
  bytes[200] ^= 1;  // in the first frame, which says what the others rely on
  write_whole(path(kFirstWal), bytes);
  const auto found = recover();
  EXPECT_GT(found.next_seq, 12U);
  EXPECT_EQ(recover().next_seq, found.next_seq);
  const auto reading = logfmt::testing::read_wal(store_, kFirstWal);
  EXPECT_TRUE(logfmt::testing::is_honest(reading, rows));
  EXPECT_FALSE(reading.gaps.empty());
}

// To read it takes time and is the encoder's, which tells of damage.
TEST_F(RecoveryTest, TakesAClosedWalByItsEnd) {
  write_wal(true);
  std::string bytes = read_whole(path(kFirstWal));
  bytes[last_frame_ + 100] ^= 1;
  write_whole(path(kFirstWal), bytes);
  auto rows = logfmt::testing::plain_run(13, 4);
  WalMaker next(store_, 13);
  next.append(rows);
  next.close();
  const auto found = recover();
  EXPECT_EQ(found.next_seq, 17U);
  ASSERT_EQ(found.wals.size(), 2U);
  EXPECT_EQ(found.wals[0].name, kFirstWal);
  EXPECT_EQ(found.wals[0].bytes, bytes.size());
  EXPECT_TRUE(told().empty());
}

// A disk may get to a later file and not to the end of the one before it.
TEST_F(RecoveryTest, TellsOfEntriesThatAreMissingBetweenFiles) {
  write_wal(false);
  const std::string whole = read_whole(path(kFirstWal));
  write_whole(path(kFirstWal), whole.substr(0, last_frame_));
  auto rows = logfmt::testing::plain_run(13, 4);
  WalMaker next(store_, 13);
  next.append(rows);
  next.close();
  recover();
  EXPECT_EQ(told(), (std::vector{EventKind::kUnclean, EventKind::kDamaged}));
}

TEST_F(RecoveryTest, SetsGarbageAsideAndStarts) {
  write_whole(path(logfmt::segment_name(1)), "no segment");
  write_whole(path(logfmt::wal_name(100)), std::string(5000, 'x'));
  std::filesystem::create_directory(path(logfmt::wal_name(200)));
  std::filesystem::create_symlink("/etc/passwd", path(logfmt::wal_name(300)));
  const auto found = recover();
  EXPECT_TRUE(testing::names(store_).empty());
  EXPECT_EQ(told(), std::vector(4, EventKind::kDamaged));
  EXPECT_EQ(read_whole(path(logfmt::wal_name(100)) + ".damaged"),
            std::string(5000, 'x'));
  EXPECT_GT(found.next_seq, 300 + logfmt::kWalBytes / 100);
}

TEST_F(RecoveryTest, GivesNoNumberTwiceWhenTheNewestSegmentIsUnreadable) {
  write_whole(path(logfmt::segment_name(77)), std::string(1000, '\0'));
  EXPECT_GE(recover().next_seq,
            77 + logfmt::kBlockRowsMax * logfmt::kBlocksPerSegmentMax);
}

class RecoveryOfSegment : public RecoveryTest {
 protected:
  // Entries 1-3, in a segment.
  void write_segment(bool seal) {
    testing::TempStore writer(dir_.path());
    for (int i = 1; i <= 3; ++i) writer.add("entry");
    if (seal) {
      (void)writer.writer().rotate();
    } else {
      writer.add(std::string(5 << 20, 'x'));
    }
    writer.stop();
  }
};

TEST_F(RecoveryOfSegment, GoesOnAfterASealedOne) {
  write_segment(true);
  const auto found = recover();
  EXPECT_EQ(found.next_seq, 4U);
  EXPECT_EQ(found.encoded.next_seq, 4U);
  EXPECT_FALSE(found.encoded.unsealed);
}

// Which does not read the WALs that wait for the encoder.
TEST_F(RecoveryOfSegment, MissesNothingWhereAWorkerTakesOver) {
  write_segment(true);
  for (const uint64_t seq : {4, 8}) {
    auto rows = logfmt::testing::plain_run(seq, 4);
    WalMaker wal(store_, seq);
    wal.append(rows);
    if (seq == 4) wal.close();
  }
  const auto found =
      recover_store(store_, events_, {.resume_boot = logfmt::testing::kBoot});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->next_seq, 12U);
  EXPECT_EQ(found->wals.size(), 1U);
  EXPECT_TRUE(found->open_wal);
  EXPECT_TRUE(told().empty());
}

TEST_F(RecoveryOfSegment, GoesOnInAnUnsealedOne) {
  write_segment(false);
  const auto found = recover();
  EXPECT_EQ(found.next_seq, 5U);
  EXPECT_EQ(found.encoded.next_seq, 5U);
  ASSERT_TRUE(found.encoded.unsealed);
  EXPECT_EQ(found.encoded.unsealed->name, logfmt::segment_name(1));
}

TEST_F(RecoveryOfSegment, LeavesADamagedOneAsItIs) {
  write_segment(false);
  const std::string name = logfmt::segment_name(1);
  const std::string whole = read_whole(path(name));
  // In the header and in the parts of its only block, whose WAL is gone.
  for (const size_t at : {size_t{90}, size_t{120}, whole.size() / 2}) {
    SCOPED_TRACE(at);
    std::string bytes = whole;
    bytes[at] ^= 1;
    write_whole(path(name), bytes);
    const auto found = recover();
    EXPECT_FALSE(found.encoded.unsealed);
    EXPECT_GT(found.next_seq, 4U);
    EXPECT_EQ(read_whole(path(name)), bytes);
    EXPECT_EQ(told(), std::vector{EventKind::kDamaged});
  }
}

}  // namespace
}  // namespace logd
