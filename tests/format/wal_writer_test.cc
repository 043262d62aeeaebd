#include "format/wal_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "format/limits.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::make_store;
using testing::plain;
using testing::plain_run;
using testing::read_wal;
using testing::Sample;
using testing::TempDir;
using testing::WalMaker;

struct stat stat_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status;
}

std::vector<uint64_t> seqs_of(const testing::Reading& reading) {
  std::vector<uint64_t> seqs;
  for (const Sample& entry : reading.entries) seqs.push_back(entry.seq);
  return seqs;
}

TEST(WalWriter, ReservesSpaceWithoutChangingTheSize) {
  const TempDir dir;
  const StoreDir store = make_store(dir.path());
  WalMaker wal(store, 1);
  const std::string path = dir / wal_name(1);
  EXPECT_EQ(stat_of(path).st_size, static_cast<off_t>(kFileHeaderBytes));
  EXPECT_GE(stat_of(path).st_blocks * 512, static_cast<off_t>(kWalBytes));
  wal.append(plain_run(1, 3));
  wal.close();
  EXPECT_EQ(stat_of(path).st_size, static_cast<off_t>(wal.writer().bytes()));
  EXPECT_LT(stat_of(path).st_blocks * 512, off_t{64} << 10);
}

TEST(WalWriter, NeverTakesUpAnExistingFile) {
  const TempDir dir;
  const StoreDir store = make_store(dir.path());
  WalMaker wal(store, 1);
  wal.append(plain_run(1, 3));
  const auto again = WalWriter::create(
      store.fd(), {.magic = kWalMagic, .store = store.id(), .first_seq = 1});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().sys_errno, EEXIST);
  EXPECT_EQ(read_wal(store, wal_name(1)).entries.size(), 3u);
}

TEST(WalWriter, RefusesToGrowBeyondWhatReadersTake) {
  const TempDir dir;
  const StoreDir store = make_store(dir.path());
  WalMaker wal(store, 1);
  const std::string frame(16 << 20, '\0');
  ASSERT_TRUE(wal.writer().append(frame));
  ASSERT_TRUE(wal.writer().append(frame));
  const auto status = wal.writer().append(frame);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kLimit);
}

// Lets files grow up to that size and no further, for the life of the object.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  sighandler_t signal_ = SIG_DFL;
};

// A write that stops after each possible number of bytes.
TEST(WalWriter, FailedAppendLeavesEarlierFramesAndMayBeTriedAgain) {
  const TempDir dir;
  const StoreDir store = make_store(dir.path());
  uint64_t first_seq = 1;
  const auto size_of_frame = [&] {
    WalMaker wal(store, 999);
    return wal.frame(std::vector{plain(999, "bot", "message")}).size();
  }();
  for (uint64_t written = 0; written < size_of_frame; ++written) {
    WalMaker wal(store, first_seq);
    wal.append(std::vector{plain(first_seq, "web", "first")});
    const auto frame =
        wal.frame(std::vector{plain(first_seq + 1, "bot", "message")});
    {
      const FileSizeLimit limit(wal.writer().bytes() + written);
      const auto status = wal.writer().append(frame);
      ASSERT_FALSE(status);
      EXPECT_EQ(status.error().sys_errno, EFBIG);
    }
    const auto reading = read_wal(store, wal_name(first_seq));
    EXPECT_EQ(seqs_of(reading), (std::vector{first_seq}));
    EXPECT_TRUE(reading.gaps.empty());
    EXPECT_EQ(stat_of(dir / wal_name(first_seq)).st_size,
              static_cast<off_t>(wal.writer().bytes()));
    ASSERT_TRUE(wal.writer().append(frame));
    wal.append(std::vector{plain(first_seq + 2, "bot", "third")});
    EXPECT_EQ(seqs_of(read_wal(store, wal_name(first_seq))),
              (std::vector{first_seq, first_seq + 1, first_seq + 2}));
    first_seq += 10;
  }
}

// The dropped frame had said the context of the one that follows it.
TEST(WalWriter, FrameAfterADroppedOneHasItsContexts) {
  const TempDir dir;
  const StoreDir store = make_store(dir.path());
  WalMaker wal(store, 1);
  wal.append(std::vector{plain(1, "web", "first")});
  (void)wal.frame(std::vector{plain(2, "bot", "dropped")});
  wal.start_epoch();
  wal.append(std::vector{plain(2, "bot", "second")});
  wal.close();
  const auto reading = read_wal(store, wal_name(1));
  ASSERT_EQ(reading.entries.size(), 2u);
  EXPECT_EQ(reading.entries[1].context, plain(2, "bot", "").context);
  EXPECT_TRUE(reading.gaps.empty());
}

// A file system of four megabytes; null where the test may not mount one.
class SmallDisk {
 public:
  SmallDisk() {
    mounted_ = mount("none", dir_.path().c_str(), "tmpfs", 0, "size=4m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) (void)umount2(dir_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const TempDir& dir() const { return dir_; }

 private:
  TempDir dir_;
  bool mounted_ = false;
};

TEST(WalWriter, FullDiskShowsWhenTheFileIsMade) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  const StoreDir store = make_store(disk.dir().path());
  const auto wal = WalWriter::create(
      store.fd(), {.magic = kWalMagic, .store = store.id(), .first_seq = 1});
  ASSERT_FALSE(wal);
  EXPECT_EQ(wal.error().code, ErrorCode::kIo);
  EXPECT_EQ(wal.error().sys_errno, ENOSPC);
  EXPECT_TRUE(store.list()->empty()) << "a half-made file is left behind";
}

}  // namespace
}  // namespace logfmt
