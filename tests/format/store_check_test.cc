#include "format/store_check.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "format/checksum.h"
#include "format/identity_repair.h"
#include "format/segment_writer.h"
#include "format/store_repair.h"
#include "tests/format/testing/segment_samples.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::make_store;
using testing::plain_run;
using testing::read_segment;
using testing::read_whole;
using testing::Sample;
using testing::TempDir;
using testing::WalMaker;
using testing::write_whole;

constexpr size_t kBlockRows = 5;

// Two sealed segments of two blocks each and a closed WAL: entries 1 to 24.
class CheckedStore : public ::testing::Test {
 protected:
  CheckedStore() : store_(make_store(dir_.path())) {
    testing::add_segment(store_, plain_run(1, 2 * kBlockRows), kBlockRows);
    testing::add_segment(store_, plain_run(11, 2 * kBlockRows), kBlockRows);
    auto rows = plain_run(21, 4);
    for (Sample& row : rows) row.boot = testing::kBoot;
    WalMaker wal(store_, rows.front().seq);
    wal.append(rows);
    wal.close();
    for (const auto& item : std::filesystem::directory_iterator(dir_.path())) {
      before_[item.path().filename()] = read_whole(item.path());
    }
  }

  // What --verify would find: gaps of the files, and STORE.
  std::vector<Gap> damage() {
    const auto store = StoreDir::open(dir_.path());
    if (!store) return {Gap{.file = "STORE"}};
    std::vector<Gap> all;
    if (auto gap = check_identity(*store)) all.push_back(*gap);
    const auto check = check_store(*store);
    if (!check) ADD_FAILURE() << check.error().message();
    for (const FileCheck& file : check->files) {
      all.insert(all.end(), file.gaps.begin(), file.gaps.end());
    }
    return all;
  }

  SegmentReader reader_of(const std::string& name) {
    auto reader = SegmentReader::open(store_.fd(), name, store_.id());
    if (!reader) ADD_FAILURE() << reader.error().message();
    return std::move(reader.value());
  }
  uint64_t end_of_blocks(const std::string& name) {
    const BlockRef last = reader_of(name).blocks().back();
    return last.offset + last.header.block_bytes();
  }

  std::string path(const std::string& name) { return dir_ / name; }
  void restore() {
    std::filesystem::remove(path(segment_name(1) + ".damaged"));
    for (const auto& [name, bytes] : before_) write_whole(path(name), bytes);
  }
  void flip(const std::string& name, size_t offset, unsigned bit = 0) {
    std::string bytes = before_.at(name);
    bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << bit));
    write_whole(path(name), bytes);
  }

  TempDir dir_;
  StoreDir store_;
  std::map<std::string, std::string> before_;
  std::string first_ = segment_name(1);
};

TEST_F(CheckedStore, PassesWhenItIsWhole) {
  const auto check = check_store(store_);
  ASSERT_TRUE(check);
  ASSERT_EQ(check->files.size(), 3U);
  uint64_t entries = 0;
  for (const FileCheck& file : check->files) {
    EXPECT_TRUE(file.gaps.empty()) << file.gaps.front().message();
    entries += file.entries;
  }
  EXPECT_EQ(entries, 24U);
  EXPECT_FALSE(check_identity(store_));
}

// Every byte; that every bit of a byte is noticed is the checksum's promise.
TEST_F(CheckedStore, IsFoundDamagedByAFlipInEveryByte) {
  for (const std::string& name : {first_, wal_name(21), std::string("STORE")}) {
    const std::string& bytes = before_.at(name);
    for (size_t offset = 0; offset < bytes.size(); ++offset) {
      flip(name, offset, offset % 8);
      EXPECT_FALSE(damage().empty()) << name << " byte " << offset;
    }
    write_whole(path(name), bytes);
  }
}

TEST_F(CheckedStore, IsFoundDamagedByCuts) {
  constexpr size_t kStep = 7;
  for (const std::string& name : {first_, wal_name(21), std::string("STORE")}) {
    const std::string& bytes = before_.at(name);
    for (size_t cut = 1; cut <= bytes.size(); cut += kStep) {
      write_whole(path(name), bytes.substr(0, bytes.size() - cut));
      EXPECT_FALSE(damage().empty()) << name << " without its last " << cut;
    }
    write_whole(path(name), bytes);
  }
}

// So a writer leaves it when it dies before it has sealed the segment.
TEST_F(CheckedStore, PassesWhenTheNewestSegmentIsNotSealedYet) {
  const std::string name = segment_name(11);
  std::filesystem::resize_file(path(name), end_of_blocks(name));
  EXPECT_TRUE(damage().empty());
}

TEST_F(CheckedStore, KnowsAFooterThatDoesNotNameWhatTheBlocksHold) {
  const std::string name = segment_name(11);
  std::filesystem::remove(path(name));
  auto writer = SegmentWriter::create(store_, 11, 1);
  ASSERT_TRUE(writer);
  BlockBuilder builder(checksum_seed(store_.id()));
  for (const Sample& row : plain_run(11, 10)) builder.add(row.view());
  EncodedBlock block = builder.finish(1);
  block.names.units.erase(block.names.units.begin());
  ASSERT_TRUE(writer->append(block));
  ASSERT_TRUE(writer->seal());
  const auto gaps = damage();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].file, name);
}

TEST_F(CheckedStore, MissesAFileFromTheMiddle) {
  std::filesystem::remove(path(segment_name(11)));
  const auto gaps = damage();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].first_seq, 11U);
  EXPECT_EQ(gaps[0].last_seq, 20U);
}

TEST_F(CheckedStore, DoesNotMissTheOldestFile) {
  std::filesystem::remove(path(first_));
  EXPECT_TRUE(damage().empty());
}

TEST_F(CheckedStore, KnowsACopyUnderAnotherName) {
  std::filesystem::copy_file(path(first_), path(segment_name(3)));
  EXPECT_FALSE(damage().empty());
}

TEST_F(CheckedStore, PassesWithALiveWriterInTheMiddleOfAFrame) {
  ASSERT_TRUE(store_.lock());
  auto rows = plain_run(25, 4);
  for (Sample& row : rows) row.boot = testing::kBoot;
  WalMaker wal(store_, 25);
  wal.append(rows);
  const std::string torn = read_whole(path(wal_name(25))) + "FLQ1 torn";
  write_whole(path(wal_name(25)), torn);
  EXPECT_TRUE(damage().empty());
}

class RepairedStore : public CheckedStore {
 protected:
  std::vector<RepairStep> repair() {
    auto store = StoreDir::open(dir_.path());
    if (!store) ADD_FAILURE() << store.error().message();
    auto steps = repair_store(*store);
    if (!steps) ADD_FAILURE() << steps.error().message();
    return *steps;
  }
};

TEST_F(RepairedStore, IsLeftAloneWhenItIsWhole) {
  for (const RepairStep& step : repair()) {
    EXPECT_EQ(step.outcome, RepairOutcome::kSound) << step.what;
  }
  for (const auto& [name, bytes] : before_) {
    EXPECT_EQ(read_whole(path(name)), bytes) << name;
  }
}

TEST_F(RepairedStore, HasWhatItHadAfterAnyDamageToTheFooter) {
  const std::string& bytes = before_.at(first_);
  constexpr size_t kStep = 5;
  for (size_t offset = end_of_blocks(first_); offset < bytes.size();
       offset += kStep) {
    flip(first_, offset);
    EXPECT_EQ(repair()[0].outcome, RepairOutcome::kMended);
    EXPECT_EQ(read_whole(path(first_)), bytes) << offset;
  }
}

TEST_F(RepairedStore, KeepsEveryReadableBlockAndTheOldFile) {
  constexpr size_t kStep = 5;
  for (size_t offset = 0; offset < before_.at(first_).size(); offset += kStep) {
    flip(first_, offset);
    const auto before = read_segment(store_, first_);
    const std::string damaged = read_whole(path(first_));
    const RepairStep step = repair()[0];
    const auto after = read_segment(store_, first_);
    EXPECT_GE(after.entries.size(), before.entries.size()) << offset;
    EXPECT_GE(after.entries.size(), kBlockRows) << offset;
    if (step.outcome == RepairOutcome::kPartly) {
      EXPECT_EQ(read_whole(path(first_ + ".damaged")), damaged) << offset;
      EXPECT_TRUE(after.gaps.empty()) << offset;
    } else {
      EXPECT_EQ(step.outcome, RepairOutcome::kMended) << offset;
      EXPECT_EQ(after.entries.size(), 2 * kBlockRows) << offset;
      EXPECT_TRUE(damage().empty()) << offset;
    }
    restore();
  }
}

TEST_F(RepairedStore, NeverReplacesAnOlderCopy) {
  write_whole(path(first_ + ".damaged"), "older");
  const BlockRef block = reader_of(first_).blocks().front();
  flip(first_, block.offset + block.header.part_offset(BlockPart::kMeta));
  EXPECT_EQ(repair()[0].outcome, RepairOutcome::kLeft);
  EXPECT_EQ(read_whole(path(first_ + ".damaged")), "older");
}

TEST_F(RepairedStore, GetsItsIdentityBackFromItsFiles) {
  for (const char* text : {"", "logd store 1 nonsense\n",
                           "logd store 1 000102030405060708090a0b0c0d0e0f\n"}) {
    write_whole(path("STORE"), text);
    const auto mended = repair_identity(dir_.path());
    ASSERT_TRUE(mended) << mended.error().message();
    EXPECT_EQ(*mended, store_.id());
    EXPECT_TRUE(damage().empty());
    EXPECT_EQ(read_whole(path("STORE.damaged")), text);
    std::filesystem::remove(path("STORE.damaged"));
  }
  std::filesystem::remove(path("STORE"));
  ASSERT_TRUE(repair_identity(dir_.path()));
  EXPECT_TRUE(damage().empty());
}

TEST_F(RepairedStore, GetsNoIdentityFromFilesThatDisagree) {
  TempDir other_dir;
  auto other = make_store(other_dir.path(), testing::id_of(0x77));
  WalMaker wal(other, 30);
  wal.close();
  std::filesystem::copy_file(other_dir / wal_name(30), path(wal_name(30)));
  std::filesystem::remove(path("STORE"));
  const auto mended = repair_identity(dir_.path());
  ASSERT_FALSE(mended);
  EXPECT_EQ(mended.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(std::filesystem::exists(path("STORE")));
}

}  // namespace
}  // namespace logfmt
