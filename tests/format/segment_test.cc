#include <gtest/gtest.h>
#include <unistd.h>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/segment_reader.h"
#include "format/segment_writer.h"
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
using testing::write_whole;

constexpr uint64_t kNow = 1'700'000'000'000'000;

class Segment : public ::testing::Test {
 protected:
  SegmentWriter create(uint64_t first_seq) {
    auto writer = SegmentWriter::create(store_, first_seq, kNow);
    if (!writer) ADD_FAILURE() << writer.error().message();
    return std::move(writer.value());
  }

  SegmentWriter resume(uint64_t first_seq) {
    auto writer = SegmentWriter::resume(store_, segment_name(first_seq));
    if (!writer) ADD_FAILURE() << writer.error().message();
    return std::move(writer.value());
  }

  SegmentReader open_reader(uint64_t first_seq) {
    auto reader =
        SegmentReader::open(store_.fd(), segment_name(first_seq), store_.id());
    if (!reader) ADD_FAILURE() << reader.error().message();
    return std::move(reader.value());
  }

  EncodedBlock block_of(const std::vector<Sample>& entries) {
    BlockBuilder builder(checksum_seed(store_.id()));
    for (const Sample& entry : entries) builder.add(entry.view());
    return builder.finish(1);
  }

  UnitUses uses_of(const std::vector<Sample>& entries) {
    UnitTally tally;
    for (const Sample& entry : entries) tally.add(entry.view());
    return tally.take();
  }

  void append(SegmentWriter& writer, uint64_t first_seq, size_t count) {
    const auto entries = plain_run(first_seq, count);
    const auto status = writer.append(block_of(entries), uses_of(entries));
    EXPECT_TRUE(status) << status.error().message();
  }

  TempDir dir_;
  StoreDir store_ = make_store(dir_.path());
};

TEST_F(Segment, SealedOneIsOpenedByItsFooter) {
  SegmentWriter writer = create(1);
  append(writer, 1, 10);
  append(writer, 11, 10);
  EXPECT_EQ(writer.next_seq(), 21u);
  ASSERT_TRUE(writer.seal());
  const SegmentReader reader = open_reader(1);
  EXPECT_TRUE(reader.sealed());
  EXPECT_EQ(reader.blocks().size(), 2u);
  EXPECT_EQ(reader.next_seq(), 21u);
  EXPECT_EQ(reader.tail_bytes(), 0u);
  EXPECT_EQ(reader.footer().units.at("bot"), 3);
  EXPECT_EQ(reader.header().created_us, kNow);
  EXPECT_EQ(read_segment(store_, segment_name(1)).entries, plain_run(1, 20));
}

TEST_F(Segment, UnsealedOneIsWalked) {
  SegmentWriter writer = create(1);
  EXPECT_EQ(writer.next_seq(), 0u);
  EXPECT_EQ(open_reader(1).next_seq(), 1u);
  append(writer, 1, 10);
  append(writer, 15, 10);
  const SegmentReader reader = open_reader(1);
  EXPECT_FALSE(reader.sealed());
  EXPECT_EQ(reader.next_seq(), 25u);
  EXPECT_EQ(reader.valid_bytes(), writer.bytes());
  EXPECT_TRUE(reader.gaps().empty()) << "a hole between blocks is no damage";
  EXPECT_EQ(read_segment(store_, segment_name(1)).entries.size(), 20u);
}

TEST_F(Segment, ExistingNameIsNotTakenOver) {
  SegmentWriter writer = create(1);
  append(writer, 1, 10);
  EXPECT_FALSE(SegmentWriter::create(store_, 1, kNow));
  EXPECT_EQ(read_segment(store_, segment_name(1)).entries.size(), 10u);
}

TEST_F(Segment, FullOneTakesNoFurtherBlock) {
  SegmentWriter writer = create(1);
  for (uint64_t i = 0; i < kBlocksPerSegmentMax; ++i) append(writer, i + 1, 1);
  const auto status = writer.append(block_of(plain_run(100, 1)));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kLimit);
  ASSERT_TRUE(writer.seal());
  EXPECT_EQ(open_reader(1).blocks().size(), kBlocksPerSegmentMax);
}

TEST_F(Segment, SymlinkIsRefused) {
  SegmentWriter writer = create(1);
  append(writer, 1, 10);
  ASSERT_EQ(symlink(segment_name(1).c_str(), (dir_ / segment_name(2)).c_str()),
            0);
  EXPECT_FALSE(SegmentReader::open(store_.fd(), segment_name(2), store_.id()));
  EXPECT_FALSE(SegmentWriter::resume(store_, segment_name(2)));
}

TEST_F(Segment, ResumedOneEqualsOneWrittenInOneGo) {
  std::vector<Sample> awkward = testing::awkward_run(7, 300);
  const uint64_t first = awkward.front().seq;
  const auto second = plain_run(awkward.back().seq + 1, 30);
  for (const bool resumed : {false, true}) {
    SegmentWriter writer = create(first);
    ASSERT_TRUE(writer.append(block_of(awkward), uses_of(awkward)));
    if (resumed) writer = resume(first);
    EXPECT_EQ(writer.created_us(), kNow);
    ASSERT_TRUE(writer.append(block_of(second), uses_of(second)));
    ASSERT_TRUE(writer.seal());
    write_whole(dir_ / (resumed ? "resumed" : "whole"),
                read_whole(dir_ / segment_name(first)));
    ASSERT_TRUE(store_.remove(segment_name(first)));
  }
  EXPECT_EQ(read_whole(dir_ / "resumed"), read_whole(dir_ / "whole"));
}

// A block that its writer did not finish, cut in many places.
TEST_F(Segment, ResumeCutsATornEnd) {
  SegmentWriter writer = create(1);
  append(writer, 1, 10);
  const uint64_t whole = writer.bytes();
  append(writer, 11, 10);
  const std::string bytes = read_whole(dir_ / segment_name(1));
  for (size_t length = whole; length < bytes.size(); length += 7) {
    write_whole(dir_ / segment_name(1), bytes.substr(0, length));
    EXPECT_EQ(open_reader(1).tail_bytes(), length - whole);
    SegmentWriter again = resume(1);
    ASSERT_EQ(again.bytes(), whole);
    ASSERT_EQ(again.next_seq(), 11u);
    append(again, 11, 10);
    ASSERT_EQ(read_whole(dir_ / segment_name(1)), bytes) << length;
  }
}

// A footer that its writer did not finish, cut in many places.
TEST_F(Segment, ResumeCutsATornFooter) {
  SegmentWriter writer = create(1);
  append(writer, 1, 10);
  const uint64_t whole = writer.bytes();
  ASSERT_TRUE(writer.seal());
  const std::string bytes = read_whole(dir_ / segment_name(1));
  for (size_t length = whole; length < bytes.size(); length += 7) {
    write_whole(dir_ / segment_name(1), bytes.substr(0, length));
    SegmentWriter again = resume(1);
    ASSERT_TRUE(again.seal());
    ASSERT_EQ(read_whole(dir_ / segment_name(1)), bytes) << length;
  }
}

TEST_F(Segment, ResumeLeavesSealedAndDamagedOnesAlone) {
  SegmentWriter writer = create(1);
  append(writer, 1, 10);
  append(writer, 11, 10);
  append(writer, 21, 10);
  const std::string unsealed = read_whole(dir_ / segment_name(1));
  ASSERT_TRUE(writer.seal());
  const auto sealed = SegmentWriter::resume(store_, segment_name(1));
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, ErrorCode::kInvalidArgument);
  const SegmentReader reader = open_reader(1);
  for (const BlockRef& block : reader.blocks()) {
    if (&block == &reader.blocks().back()) continue;
    for (uint64_t at :
         {uint64_t{20}, block.header.part_offset(BlockPart::kMeta),
          block.header.part_offset(BlockPart::kStrings)}) {
      std::string bytes = unsealed;
      bytes[block.offset + at] ^= 1;
      write_whole(dir_ / segment_name(1), bytes);
      const auto again = SegmentWriter::resume(store_, segment_name(1));
      ASSERT_FALSE(again);
      EXPECT_EQ(again.error().code, ErrorCode::kCorrupt);
      EXPECT_EQ(read_whole(dir_ / segment_name(1)), bytes);
    }
  }
}

}  // namespace
}  // namespace logfmt
