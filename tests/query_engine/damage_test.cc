// Damage costs what is damaged, is reported, and costs nothing else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "format/segment_reader.h"
#include "format/wal_reader.h"
#include "query/engine/field_values.h"
#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using Seqs = std::vector<uint64_t>;

// Their numbers grow unevenly, so that every part of a block holds something.
std::string message_of(uint64_t seq) {
  return std::string(50, 'x') + " " + std::to_string(seq * seq * 1001);
}

std::vector<MadeEntry> twelve_entries() {
  std::vector<MadeEntry> entries;
  for (uint64_t seq = 1; seq <= 12; ++seq) {
    entries.push_back(entry_of(seq, "bot.service", message_of(seq)));
  }
  return entries;
}

// Blocks of four rows, all in one segment.
class DamagedBlock : public testing::Test {
 protected:
  DamagedBlock() : name_(store_.add_segment(twelve_entries(), 4)) {}

  // Inverts the first stored byte of a part of the second block.
  void damage(logfmt::BlockPart part) {
    const auto segment = logfmt::SegmentReader::open(store_.dir().fd(), name_,
                                                     store_.dir().id());
    const auto& block = segment->blocks()[1];
    flip_byte(store_.path_of(name_),
              block.offset + block.header.part_offset(part));
  }
  void expect_gap_and_the_rest() {
    for (const bool reverse : {false, true}) {
      for (const auto limit : {std::optional<uint64_t>(), {100}}) {
        const Answer answer = ask(store_, {.limit = limit, .reverse = reverse});
        const Seqs rest = reverse ? Seqs{12, 11, 10, 9, 4, 3, 2, 1}
                                  : Seqs{1, 2, 3, 4, 9, 10, 11, 12};
        EXPECT_EQ(answer.seqs, rest);
        ASSERT_EQ(answer.gaps.size(), 1u);
        EXPECT_EQ(answer.gaps[0].file, name_);
        EXPECT_EQ(answer.gaps[0].first_seq, 5u);
        EXPECT_EQ(answer.gaps[0].last_seq, 8u);
      }
    }
  }

  MadeStore store_;
  std::string name_;
};

TEST_F(DamagedBlock, LosesItsRowsWhenTheColumnsDoNotCheck) {
  damage(logfmt::BlockPart::kMeta);
  expect_gap_and_the_rest();
}

TEST_F(DamagedBlock, LosesItsRowsWhenTheTextDoesNotCheck) {
  damage(logfmt::BlockPart::kStrings);
  expect_gap_and_the_rest();
}

TEST_F(DamagedBlock, LosesItsRowsWhenTheLengthsDoNotCheck) {
  damage(logfmt::BlockPart::kNumbers);
  expect_gap_and_the_rest();
}

TEST_F(DamagedBlock, IsNoMatterToAQueryThatDoesNotNeedIt) {
  damage(logfmt::BlockPart::kMeta);
  EXPECT_TRUE(ask(store_, {.limit = 3}).gaps.empty());
  EXPECT_TRUE(ask(store_, {.since_us = 9'000'000}).gaps.empty());
}

TEST_F(DamagedBlock, AnyFlippedByteIsAGapOrNoMatter) {
  const auto bytes = std::filesystem::file_size(store_.path_of(name_));
  const Seqs all = ask(store_, {}).seqs;
  for (uint64_t at = 0; at < bytes; at += 3) {
    flip_byte(store_.path_of(name_), at);
    const Answer answer = ask(store_, {});
    ASSERT_TRUE(answer.status);
    if (answer.gaps.empty()) {
      ASSERT_EQ(answer.seqs, all) << "byte " << at;
    }
    for (const auto& entry : answer.entries) {
      ASSERT_EQ(entry, twelve_entries()[entry.seq - 1]) << "byte " << at;
    }
    flip_byte(store_.path_of(name_), at);
  }
}

// A power cut left the header of the second block, not all of its parts.
class UnfinishedBlock : public testing::Test {
 protected:
  UnfinishedBlock()
      : name_(
            store_.add_segment(Entries(entries_).first(8), 4, Ending::kOpen)) {
    const auto segment = logfmt::SegmentReader::open(store_.dir().fd(), name_,
                                                     store_.dir().id());
    flip_byte(store_.path_of(name_), segment->valid_bytes() - 8);
  }

  MadeStore store_;
  std::vector<MadeEntry> entries_ = twelve_entries();
  std::string name_;
};

TEST_F(UnfinishedBlock, DoesNotHideTheWalThatHasItsEntries) {
  store_.add_wal(entries_);
  const Answer answer = ask(store_, {});
  EXPECT_EQ(answer.entries, entries_);
  EXPECT_TRUE(answer.gaps.empty());
}

TEST_F(UnfinishedBlock, IsAGapWhereNoWalHasItsEntries) {
  const Answer answer = ask(store_, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 2, 3, 4}));
  ASSERT_EQ(answer.gaps.size(), 1u);
  EXPECT_EQ(answer.gaps[0].first_seq, 5u);
  EXPECT_EQ(answer.gaps[0].last_seq, 8u);
}

TEST(DamagedSegment, IsAGapWhenItsHeaderDoesNotCheck) {
  MadeStore store;
  const auto entries = twelve_entries();
  const std::string bad = store.add_segment(Entries(entries).subspan(0, 4));
  store.add_segment(Entries(entries).subspan(4, 4));
  store.add_wal(Entries(entries).subspan(8, 4));
  flip_byte(store.path_of(bad), 3);
  const Answer answer = ask(store, {});
  EXPECT_EQ(answer.seqs, (Seqs{5, 6, 7, 8, 9, 10, 11, 12}));
  ASSERT_EQ(answer.gaps.size(), 1u);
  EXPECT_EQ(answer.gaps[0].file, bad);
  EXPECT_EQ(answer.gaps[0].first_seq, 1u);
  EXPECT_EQ(answer.gaps[0].end, std::filesystem::file_size(store.path_of(bad)));
}

// Entries 1-4, 5-8 and 9-12, each in a file of its own, in blocks (or frames)
// of two.
class ThreeFiles : public testing::Test {
 protected:
  // "s": a segment, "w": a WAL; in order.
  void make(const std::string& kinds) {
    const auto entries = twelve_entries();
    for (size_t i = 0; i < kinds.size(); ++i) {
      const auto part = Entries(entries).subspan(i * 4, 4);
      names_.push_back(kinds[i] == 's'
                           ? store_.add_segment(part, 2)
                           : store_.add_wal(part, Ending::kSealed, 2));
    }
  }
  // Leaves the first block of a segment or the first frame of a WAL.
  void cut(size_t file) {
    const std::string path = store_.path_of(names_[file]);
    uint64_t bytes = 0;
    if (names_[file].ends_with(".seg")) {
      const auto segment = logfmt::SegmentReader::open(
          store_.dir().fd(), names_[file], store_.dir().id());
      bytes = segment->blocks()[1].offset;
    } else {
      auto wal = logfmt::WalReader::open(store_.dir().fd(), names_[file],
                                         store_.dir().id());
      ASSERT_TRUE(wal->refresh());
      logfmt::EntryView entry;
      ASSERT_TRUE(wal->next(entry));
      bytes = wal->valid_bytes();
    }
    std::filesystem::resize_file(path, bytes);
  }
  // Of all entries, forwards and backwards.
  void expect_gap(size_t file, uint64_t first_seq, uint64_t last_seq) {
    for (const bool reverse : {false, true}) {
      const Answer answer = ask(store_, {.reverse = reverse});
      EXPECT_EQ(answer.seqs.size(), 12 - (last_seq + 1 - first_seq));
      ASSERT_EQ(answer.gaps.size(), 1u);
      EXPECT_EQ(answer.gaps[0].file, names_[file]);
      EXPECT_EQ(answer.gaps[0].first_seq, first_seq);
      EXPECT_EQ(answer.gaps[0].last_seq, last_seq);
    }
  }

  MadeStore store_;
  std::vector<std::string> names_;
};

TEST_F(ThreeFiles, WithoutDamageHaveNoGaps) {
  make("sww");
  EXPECT_EQ(ask(store_, {}).seqs.size(), 12u);
  EXPECT_TRUE(ask(store_, {}).gaps.empty());
}

TEST_F(ThreeFiles, ACutSegmentLacksWhatComesBeforeTheNextFile) {
  make("sss");
  cut(1);
  expect_gap(1, 7, 8);
}

TEST_F(ThreeFiles, ACutSegmentLacksWhatComesBeforeTheFirstWal) {
  make("ssw");
  store_.lock();
  cut(1);
  expect_gap(1, 7, 8);
}

TEST_F(ThreeFiles, ACutWalLacksWhatComesBeforeTheNextOne) {
  make("www");
  cut(1);
  expect_gap(1, 7, 8);
  store_.lock();
  expect_gap(1, 7, 8);
}

TEST_F(ThreeFiles, ACutSegmentWhoseEntriesAreStillInAWalLacksNothing) {
  make("s");
  store_.add_wal(twelve_entries(), Ending::kSealed);
  store_.lock();
  cut(0);
  EXPECT_EQ(ask(store_, {}).seqs.size(), 12u);
  EXPECT_TRUE(ask(store_, {}).gaps.empty());
}

TEST_F(ThreeFiles, AFileThatIsGoneFromTheMiddleIsAGap) {
  make("sss");
  ASSERT_TRUE(store_.dir().remove(names_[1]));
  expect_gap(0, 5, 8);
}

TEST_F(ThreeFiles, OldestThatAreVacuumedAreNoGap) {
  make("sss");
  ASSERT_TRUE(store_.dir().remove(names_[0]));
  EXPECT_TRUE(ask(store_, {}).gaps.empty());
}

TEST_F(ThreeFiles, AGapCountsWhereTheQueryGetsToIt) {
  make("ssw");
  cut(1);
  EXPECT_TRUE(ask(store_, {.limit = 3}).gaps.empty());
  EXPECT_EQ(ask(store_, {.limit = 5}).gaps.size(), 1u);
  EXPECT_EQ(ask(store_, {.after_seq = 6}).gaps.size(), 1u);
  EXPECT_TRUE(ask(store_, {.after_seq = 8}).gaps.empty());
}

TEST_F(ThreeFiles, AGapMakesTheListOfValuesIncomplete) {
  make("sss");
  cut(1);
  for (const char* field : {"_SYSTEMD_UNIT", "MESSAGE", "_BOOT_ID"}) {
    logq::DistinctValues values;
    ASSERT_TRUE(logq::collect_values(store_.dir(), field, values));
    ASSERT_EQ(values.gaps.size(), 1u) << field;
    EXPECT_EQ(values.gaps[0].last_seq, 8u);
  }
}

TEST(DamagedWal, LosesOneFrame) {
  MadeStore store;
  MadeWal wal(store.dir(), 1, boot_number(1));
  const auto entries = twelve_entries();
  uint64_t second_frame = 0;
  for (size_t i = 0; i < 12; i += 4) {
    if (i == 4) {
      second_frame = std::filesystem::file_size(store.path_of(wal.name()));
    }
    wal.add(Entries(entries).subspan(i, 4));
  }
  wal.close();
  flip_byte(store.path_of(wal.name()), second_frame + 100);
  // The frames behind it are of the same epoch: their contexts may be lost
  // with it, so they are not believed either.
  const Answer answer = ask(store, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 2, 3, 4}));
  ASSERT_EQ(answer.gaps.size(), 1u);
  EXPECT_EQ(answer.gaps[0].begin, second_frame);
  EXPECT_EQ(answer.gaps[0].first_seq, 5u);
  EXPECT_EQ(answer.gaps[0].last_seq, 12u);
}

TEST(DamagedWal, IsAGapWhenItsHeaderDoesNotCheck) {
  MadeStore store;
  const auto entries = twelve_entries();
  store.add_segment(Entries(entries).subspan(0, 6));
  const std::string bad = store.add_wal(Entries(entries).subspan(6, 6));
  flip_byte(store.path_of(bad), 20);
  const Answer answer = ask(store, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 2, 3, 4, 5, 6}));
  ASSERT_EQ(answer.gaps.size(), 1u);
  EXPECT_EQ(answer.gaps[0].file, bad);
  EXPECT_EQ(answer.gaps[0].first_seq, 7u);
}

TEST(OpenTail, IsAGapWithoutAWriterAndNoneWithOne) {
  MadeStore store;
  const std::string name = store.add_wal(twelve_entries(), Ending::kOpen);
  const Answer abandoned = ask(store, {.limit = 2});
  EXPECT_EQ(abandoned.seqs, (Seqs{11, 12}));
  ASSERT_EQ(abandoned.gaps.size(), 1u);
  EXPECT_EQ(abandoned.gaps[0].cause, "tail not closed");
  EXPECT_EQ(abandoned.gaps[0].begin, abandoned.gaps[0].end);

  store.lock();
  const Answer live = ask(store, {.limit = 2});
  EXPECT_EQ(live.seqs, (Seqs{11, 12}));
  EXPECT_TRUE(live.gaps.empty());
}

TEST(OpenTail, TornBytesArePartOfTheGap) {
  MadeStore store;
  const std::string name = store.add_wal(twelve_entries(), Ending::kOpen);
  const auto bytes = std::filesystem::file_size(store.path_of(name));
  std::filesystem::resize_file(store.path_of(name), bytes - 5);
  const Answer answer = ask(store, {});
  EXPECT_EQ(answer.seqs, (Seqs{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  ASSERT_EQ(answer.gaps.size(), 1u);
  EXPECT_EQ(answer.gaps[0].end, bytes - 5);
  EXPECT_LT(answer.gaps[0].begin, bytes - 5);
  EXPECT_EQ(answer.gaps[0].first_seq, 10u);
}

}  // namespace
}  // namespace logq_test
