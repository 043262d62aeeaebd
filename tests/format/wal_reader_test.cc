#include "format/wal_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "format/limits.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::copy_of;
using testing::make_store;
using testing::plain_run;
using testing::read_wal;
using testing::read_whole;
using testing::Sample;
using testing::TempDir;
using testing::WalMaker;
using testing::write_whole;

class WalReading : public ::testing::Test {
 protected:
  WalReader open_reader(uint64_t first_seq = 1) {
    auto reader =
        WalReader::open(store_.fd(), wal_name(first_seq), store_.id());
    if (!reader) ADD_FAILURE() << reader.error().message();
    return std::move(reader.value());
  }

  std::vector<Sample> rows_of_boot(uint64_t first_seq, size_t count) {
    auto rows = plain_run(first_seq, count);
    for (Sample& row : rows) row.boot = testing::kBoot;
    return rows;
  }

  TempDir dir_;
  StoreDir store_ = make_store(dir_.path());
};

std::vector<Sample> rest_of(WalReader& reader) {
  std::vector<Sample> entries;
  EntryView entry;
  while (reader.next(entry)) entries.push_back(copy_of(entry));
  return entries;
}

struct Pieces {
  std::vector<Sample> entries{};
  std::vector<std::string> gaps{};
  bool closed = false;
  uint64_t valid_bytes = 0;
};

// Reads on with the same reader, so many bytes at a time.
Pieces read_in_pieces(WalReader reader, uint64_t bytes) {
  Pieces pieces;
  do {
    EXPECT_TRUE(reader.refresh(bytes));
    for (Sample& entry : rest_of(reader)) {
      pieces.entries.push_back(std::move(entry));
    }
  } while (reader.behind());
  for (const Gap& gap : reader.take_gaps()) {
    pieces.gaps.push_back(gap.message());
  }
  if (reader.open_gap()) pieces.gaps.push_back(reader.open_gap()->message());
  pieces.closed = reader.closed();
  pieces.valid_bytes = reader.valid_bytes();
  return pieces;
}

TEST_F(WalReading, GivesWhatWasWritten) {
  const auto entries = testing::write_epochs(store_, 3, 4, 5);
  const auto reading = read_wal(store_, wal_name(1));
  EXPECT_EQ(reading.entries, entries);
  EXPECT_TRUE(reading.gaps.empty());
  EXPECT_FALSE(reading.open_from);
}

TEST_F(WalReading, KeepsAwkwardEntries) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    auto entries = testing::awkward_run(seed, 60);
    uint64_t seq = seed * 1000;
    WalMaker wal(store_, seq);
    for (Sample& entry : entries) {
      entry.seq = seq++;
      entry.boot = testing::kBoot;
      wal.append({&entry, 1});
    }
    wal.close();
    EXPECT_EQ(read_wal(store_, wal_name(seed * 1000)).entries, entries);
  }
}

TEST_F(WalReading, KeepsTheLargestEntry) {
  auto rows = rows_of_boot(1, 3);
  rows[1].payload =
      testing::fields({{"MESSAGE", std::string(kEntryBytesMax - 64, '\7')}});
  rows[1].context =
      testing::fields({{"_CMDLINE", std::string(kContextBytesMax - 32, 'c')}});
  WalMaker wal(store_, 1);
  wal.append(rows);
  EXPECT_EQ(read_wal(store_, wal_name(1)).entries, rows);
}

TEST_F(WalReading, EmptyFileHasNoEntriesAndIsNotClosed) {
  const WalMaker wal(store_, 7);
  WalReader reader = open_reader(7);
  ASSERT_TRUE(reader.refresh());
  EXPECT_TRUE(rest_of(reader).empty());
  EXPECT_FALSE(reader.closed());
  EXPECT_EQ(reader.next_seq(), 7u);
  EXPECT_EQ(reader.tail_bytes(), 0u);
}

TEST_F(WalReading, TellsTheEndOfAClosedFileFromItsLastBytes) {
  WalMaker wal(store_, 1);
  EXPECT_EQ(open_reader().end_seq(), std::nullopt);
  wal.append(rows_of_boot(1, 5));
  EXPECT_EQ(open_reader().end_seq(), std::nullopt);
  wal.close();
  EXPECT_EQ(open_reader().end_seq(), 6u);

  const std::string path = dir_.path() + "/" + wal_name(1);
  const std::string whole = testing::read_whole(path);
  for (size_t bytes = kFileHeaderBytes; bytes < whole.size(); ++bytes) {
    testing::write_whole(path, whole.substr(0, bytes));
    ASSERT_EQ(open_reader().end_seq(), std::nullopt) << bytes;
  }
  for (size_t at = whole.size() - kFrameHeaderBytes; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] ^= 1;
    testing::write_whole(path, flipped);
    ASSERT_EQ(open_reader().end_seq(), std::nullopt) << at;
  }
  testing::write_whole(path, whole + std::string(kAlignment, '\0'));
  EXPECT_EQ(open_reader().end_seq(), std::nullopt);
}

TEST_F(WalReading, SeesExactlyTheWholeFramesAfterEachAppend) {
  WalMaker wal(store_, 1);
  WalReader reader = open_reader();
  uint64_t seq = 1;
  for (size_t round = 1; round < 60; ++round) {
    const auto rows = rows_of_boot(seq, round % 5 + 1);
    seq += rows.size();
    if (round % 7 == 0) wal.start_epoch();
    wal.append(rows);
    ASSERT_TRUE(reader.refresh());
    EXPECT_EQ(rest_of(reader), rows);
    EXPECT_EQ(reader.valid_bytes(), wal.writer().bytes());
    EXPECT_EQ(reader.last_batch_id(), round);
  }
  EXPECT_FALSE(reader.closed());
  wal.close();
  ASSERT_TRUE(reader.refresh());
  EXPECT_TRUE(rest_of(reader).empty());
  EXPECT_TRUE(reader.closed());
  EXPECT_TRUE(reader.take_gaps().empty());
}

// A frame that grows byte by byte under the reader's eyes.
TEST_F(WalReading, HalfAFrameIsNeitherReadNorReported) {
  WalMaker wal(store_, 1);
  wal.append(rows_of_boot(1, 2));
  const std::string before = read_whole(dir_ / wal_name(1));
  const auto rows = rows_of_boot(3, 2);
  wal.append(rows);
  const std::string after = read_whole(dir_ / wal_name(1));
  write_whole(dir_ / wal_name(1), before);
  WalReader reader = open_reader();
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(rest_of(reader).size(), 2u);
  for (size_t length = before.size(); length < after.size(); ++length) {
    ASSERT_EQ(pwrite(wal.writer().fd(), &after[length], 1,
                     static_cast<off_t>(length)),
              1);
    ASSERT_TRUE(reader.refresh());
    const bool whole = length + 1 == after.size();
    EXPECT_EQ(rest_of(reader), whole ? rows : std::vector<Sample>());
    EXPECT_EQ(reader.tail_bytes(), whole ? 0 : length + 1 - before.size());
  }
  EXPECT_TRUE(reader.take_gaps().empty());
}

// The writer's disk was full in the middle of a frame; it cut the file and
// wrote another frame there. Whoever saw the first half must not keep it.
TEST_F(WalReading, ForgetsATailThatWasWrittenAnew) {
  WalMaker wal(store_, 1);
  wal.append(rows_of_boot(1, 2));
  const auto torn = wal.frame(rows_of_boot(3, 4));
  const auto end = static_cast<off_t>(wal.writer().bytes());
  ASSERT_EQ(pwrite(wal.writer().fd(), torn.data(), 100, end), 100);
  WalReader reader = open_reader();
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(rest_of(reader).size(), 2u);
  ASSERT_EQ(ftruncate(wal.writer().fd(), end), 0);
  wal.start_epoch();
  const auto rows = rows_of_boot(3, 1);
  wal.append(rows);
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(rest_of(reader), rows);
  EXPECT_TRUE(reader.take_gaps().empty());
  EXPECT_FALSE(reader.open_gap());
}

TEST_F(WalReading, RefreshInTheMiddleOfAFrameLosesNothing) {
  auto rows = rows_of_boot(1, 40);
  WalMaker wal(store_, 1);
  wal.append(std::span(rows).first(20));
  WalReader reader = open_reader();
  std::vector<Sample> read;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i == 10) wal.append(std::span(rows).last(20));
    ASSERT_TRUE(reader.refresh());
    EntryView entry;
    ASSERT_TRUE(reader.next(entry)) << i;
    read.push_back(copy_of(entry));
  }
  EXPECT_EQ(read, rows);
  ASSERT_TRUE(reader.refresh());
  EXPECT_TRUE(rest_of(reader).empty());
  EXPECT_EQ(reader.valid_bytes(), wal.writer().bytes());
}

TEST_F(WalReading, MovedReaderGoesOn) {
  const auto rows = rows_of_boot(1, 4);
  WalMaker wal(store_, 1);
  wal.append(rows);
  WalReader first = open_reader();
  ASSERT_TRUE(first.refresh());
  EntryView entry;
  ASSERT_TRUE(first.next(entry));
  WalReader second = std::move(first);
  EXPECT_EQ(rest_of(second).size(), 3u);
  EXPECT_EQ(copy_of(entry), rows[0]) << "views stay good";
}

TEST_F(WalReading, TailOfZerosIsNoDamage) {
  const auto rows = rows_of_boot(1, 4);
  WalMaker wal(store_, 1);
  wal.append(rows);
  ASSERT_EQ(ftruncate(wal.writer().fd(), 1 << 20), 0);
  const auto reading = read_wal(store_, wal_name(1));
  EXPECT_EQ(reading.entries, rows);
  EXPECT_TRUE(reading.gaps.empty());
  EXPECT_EQ(reading.open_from, 5u);
}

TEST_F(WalReading, FileLongerThanAnyWriterMakesIsRefused) {
  WalMaker wal(store_, 1);
  wal.append(rows_of_boot(1, 4));
  ASSERT_EQ(ftruncate(wal.writer().fd(), off_t{1} << 40), 0);
  WalReader reader = open_reader();
  const auto status = reader.refresh();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kLimit);
  EXPECT_EQ(rest_of(reader).size(), 4u) << "what checks is still read";
}

// Damage, and bytes behind the end, are what they are wherever a piece ends.
TEST_F(WalReading, PieceByPieceItIsTheSame) {
  const auto entries = testing::write_epochs(store_, 3, 4, 2);
  const std::string whole = read_whole(dir_ / wal_name(1)) + "behind";
  for (size_t at = kFileHeaderBytes; at < whole.size(); at += 37) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_whole(dir_ / wal_name(1), damaged);
    const Pieces at_once = read_in_pieces(open_reader(), UINT64_MAX);
    for (const uint64_t bytes : {1, 80, 333}) {
      const Pieces pieces = read_in_pieces(open_reader(), bytes);
      EXPECT_EQ(pieces.entries, at_once.entries) << at << " by " << bytes;
      EXPECT_EQ(pieces.gaps, at_once.gaps) << at << " by " << bytes;
      EXPECT_EQ(pieces.closed, at_once.closed);
      EXPECT_EQ(pieces.valid_bytes, at_once.valid_bytes);
    }
  }
}

TEST_F(WalReading, NothingAfterTheEndFrameIsRead) {
  const auto rows = rows_of_boot(1, 4);
  WalMaker wal(store_, 1);
  wal.append(rows);
  wal.close();
  wal.append(rows_of_boot(5, 4));
  const auto reading = read_wal(store_, wal_name(1));
  EXPECT_EQ(reading.entries, rows);
  EXPECT_FALSE(reading.open_from);
}

TEST_F(WalReading, FilesThatAreNoWalAreRefused) {
  write_whole(dir_ / wal_name(1), "");
  write_whole(dir_ / wal_name(2), std::string(1000, 'x'));
  for (const uint64_t seq : {1, 2, 3}) {
    EXPECT_FALSE(WalReader::open(store_.fd(), wal_name(seq), store_.id()));
  }
}

}  // namespace
}  // namespace logfmt
