#include "format/wal_copy.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "format/store_dir.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::make_store;
using testing::plain_run;
using testing::read_wal;
using testing::TempDir;
using testing::WalMaker;

class WalCopyTest : public ::testing::Test {
 protected:
  // Entries 1-9, three a frame; 4 and 7 begin an epoch.
  WalCopyTest() {
    for (uint64_t first = 1; first <= 7; first += 3) {
      wal_.start_epoch();
      wal_.append(plain_run(first, 3));
    }
  }
  std::vector<uint64_t> copied(uint64_t durable_seq) {
    auto copy = copy_wal_end(store_.fd(), wal_.writer(), durable_seq);
    EXPECT_TRUE(copy) << copy.error().message();
    if (!copy) return {};
    lost_bytes_ = copy->lost_bytes;
    first_seq_ = copy->file.first_seq();
    EXPECT_TRUE(copy->file.take_place(store_.fd()));
    std::vector<uint64_t> seqs;
    for (const auto& entry : read_wal(store_, wal_name(first_seq_)).entries) {
      seqs.push_back(entry.seq);
    }
    return seqs;
  }
  void flip(uint64_t offset) {
    std::string byte;
    ASSERT_TRUE(pread_exactly(wal_.writer().fd(), offset, 1, byte));
    byte[0] = static_cast<char>(byte[0] ^ 1);
    ASSERT_TRUE(pwrite_all(wal_.writer().fd(), offset, byte));
  }

  TempDir dir_;
  StoreDir store_ = make_store(dir_.path());
  WalMaker wal_{store_, 1};
  uint64_t lost_bytes_ = 0;
  uint64_t first_seq_ = 0;
};

TEST_F(WalCopyTest, HoldsTheEpochOfTheFirstEntryThatMayBeLost) {
  EXPECT_EQ(copied(5), (std::vector<uint64_t>{4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(first_seq_, 4U);
  EXPECT_EQ(lost_bytes_, 0U);
}

TEST_F(WalCopyTest, ReplacesAFileOfWhichNothingIsKnown) {
  EXPECT_EQ(copied(0), (std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(first_seq_, 1U);
}

TEST_F(WalCopyTest, LeavesOutAFrameThatDoesNotCheckAndSaysHowLongItWas) {
  flip(wal_.frame_offsets()[1] + kFrameHeaderBytes);
  EXPECT_EQ(copied(0), (std::vector<uint64_t>{1, 2, 3, 7, 8, 9}));
  EXPECT_EQ(lost_bytes_, wal_.frame_offsets()[2] - wal_.frame_offsets()[1]);
}

TEST_F(WalCopyTest, EndsWhereALengthDoesNotCheck) {
  flip(wal_.frame_offsets()[1] + 4);
  EXPECT_EQ(copied(0), (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_EQ(lost_bytes_, wal_.writer().bytes() - wal_.frame_offsets()[1]);
}

}  // namespace
}  // namespace logfmt
