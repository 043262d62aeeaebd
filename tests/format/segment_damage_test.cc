// What a reader makes of a segment that was cut, changed or mixed up.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "format/checksum.h"
#include "format/segment_reader.h"
#include "format/segment_writer.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::is_honest;
using testing::make_store;
using testing::plain_run;
using testing::read_segment;
using testing::read_whole;
using testing::Sample;
using testing::TempDir;
using testing::write_whole;

class SegmentDamage : public ::testing::Test {
 protected:
  // Three blocks of that many entries.
  void write(size_t rows, bool seal) {
    entries_ = plain_run(1, 3 * rows);
    auto writer = SegmentWriter::create(store_, 1, 1'700'000'000'000'000);
    ASSERT_TRUE(writer);
    BlockBuilder builder(checksum_seed(store_.id()));
    for (size_t i = 0; i < 3; ++i) {
      for (size_t row = 0; row < rows; ++row) {
        builder.add(entries_[i * rows + row].view());
      }
      offsets_.push_back(writer->bytes());
      ASSERT_TRUE(writer->append(builder.finish(1)));
    }
    offsets_.push_back(writer->bytes());
    if (seal) {
      ASSERT_TRUE(writer->seal());
    }
    bytes_ = read_whole(path_);
  }

  std::string block(size_t index) const {
    return bytes_.substr(offsets_[index],
                         offsets_[index + 1] - offsets_[index]);
  }

  testing::Reading read_as(const std::string& bytes) {
    write_whole(path_, bytes);
    return read_segment(store_, segment_name(1));
  }

  void flip_every_bit() {
    const int fd = open(path_.c_str(), O_WRONLY);
    ASSERT_GE(fd, 0);
    for (size_t bit = 0; bit < bytes_.size() * 8; ++bit) {
      const auto at = static_cast<off_t>(bit / 8);
      const char flipped = static_cast<char>(bytes_[bit / 8] ^ 1 << bit % 8);
      ASSERT_EQ(pwrite(fd, &flipped, 1, at), 1);
      const auto reading = read_segment(store_, segment_name(1));
      ASSERT_EQ(reading.opened, bit / 8 >= kFileHeaderBytes) << bit;
      ASSERT_TRUE(is_honest(reading, entries_)) << "bit " << bit;
      if (reading.opened && bit / 8 >= offsets_.back()) {
        ASSERT_EQ(reading.entries, entries_) << "only the footer is damaged";
      }
      ASSERT_EQ(pwrite(fd, &bytes_[bit / 8], 1, at), 1);
    }
    (void)close(fd);
  }

  TempDir dir_;
  StoreDir store_ = make_store(dir_.path());
  std::string path_ = dir_ / segment_name(1);
  std::vector<Sample> entries_;
  std::vector<uint64_t> offsets_;  // of the blocks, and of what follows them
  std::string bytes_;
};

TEST_F(SegmentDamage, EveryFlippedBitOfASealedOneIsOwnedUpTo) {
  write(4, true);
  flip_every_bit();
}

TEST_F(SegmentDamage, EveryFlippedBitOfAnUnsealedOneIsOwnedUpTo) {
  write(4, false);
  flip_every_bit();
}

TEST_F(SegmentDamage, CutAnywhereLeavesAPrefix) {
  write(10, true);
  for (size_t length = bytes_.size(); length-- > 0;) {
    std::filesystem::resize_file(path_, length);
    const auto reading = read_segment(store_, segment_name(1));
    ASSERT_EQ(reading.opened, length >= kFileHeaderBytes) << length;
    ASSERT_TRUE(is_honest(reading, entries_)) << length;
    ASSERT_TRUE(reading.gaps.empty()) << length;
    size_t whole = 0;
    while (whole < 3 && offsets_[whole + 1] <= length) ++whole;
    ASSERT_EQ(reading.entries.size(), whole * 10) << length;
  }
}

// The footer knows where the next block is, the walk has to look for it.
TEST_F(SegmentDamage, DamagedBlockCostsItselfOnly) {
  for (const bool seal : {true, false}) {
    offsets_.clear();
    write(10, seal);
    std::string bytes = bytes_;
    bytes.replace(offsets_[1], block(1).size(), block(1).size(), '\0');
    const auto reading = read_as(bytes);
    EXPECT_TRUE(is_honest(reading, entries_));
    EXPECT_EQ(reading.entries.size(), 20u);
    ASSERT_EQ(reading.gaps.size(), 1u);
    EXPECT_EQ(reading.gaps[0].begin, offsets_[1]);
    EXPECT_EQ(reading.gaps[0].end, offsets_[2]);
    EXPECT_EQ(reading.gaps[0].first_seq, 11u);
    EXPECT_EQ(reading.gaps[0].last_seq, 20u);
    ASSERT_TRUE(store_.remove(segment_name(1)));
  }
}

TEST_F(SegmentDamage, SwappedDuplicatedAndLostBlocksAreOwnedUpTo) {
  write(10, false);
  const std::string head = bytes_.substr(0, offsets_[0]);
  const std::string a = block(0), b = block(1), c = block(2);
  for (const std::string& blocks :
       {b + a + c, a + c + b, c + b + a, a + a + c, a + a + b + c, a + b + b}) {
    const auto reading = read_as(head + blocks);
    EXPECT_TRUE(is_honest(reading, entries_));
    EXPECT_FALSE(reading.gaps.empty());
  }
  EXPECT_EQ(read_as(head + a + a + b + c).entries, entries_);
}

TEST_F(SegmentDamage, BlocksOfAnotherStoreAreDamage) {
  write(10, false);
  const TempDir other_dir;
  const StoreDir other = make_store(other_dir.path(), testing::id_of(0x33));
  BlockBuilder builder(checksum_seed(other.id()));
  for (size_t row = 10; row < 20; ++row) builder.add(entries_[row].view());
  const std::string foreign = builder.finish(1).bytes;
  ASSERT_EQ(foreign.size(), block(1).size());
  std::string bytes = bytes_;
  bytes.replace(offsets_[1], foreign.size(), foreign);
  const auto reading = read_as(bytes);
  EXPECT_TRUE(is_honest(reading, entries_));
  EXPECT_EQ(reading.entries.size(), 20u);
}

// A footer holds copies of block headers, which check. They are no blocks.
TEST_F(SegmentDamage, DamagedFooterIsNotTakenForBlocks) {
  write(1, true);
  for (size_t shift = 0; shift < kAlignment; ++shift) {
    std::string bytes = bytes_;
    bytes.back() ^= 1;  // no trailer
    bytes.insert(offsets_.back(), std::string(shift, '\0'));
    const auto reading = read_as(bytes);
    EXPECT_EQ(reading.entries, entries_);
    EXPECT_TRUE(reading.gaps.empty());
  }
}

}  // namespace
}  // namespace logfmt
