#include "format/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::TempDir;
using testing::write_whole;

class File : public ::testing::Test {
 protected:
  Result<Fd> open_here(const std::string& name, int flags) {
    return open_at(directory_.get(), name, flags);
  }

  TempDir dir_;
  Fd directory_{open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY)};
};

TEST_F(File, MissingFileIsNotFound) {
  const auto file = open_here("none", O_RDONLY);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(file.error().message(),
            "cannot open none: No such file or directory");
}

TEST_F(File, SymlinkIsRefused) {
  write_whole(dir_ / "target", "x");
  ASSERT_EQ(symlink("target", (dir_ / "link").c_str()), 0);
  const auto file = open_here("link", O_RDONLY);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().sys_errno, ELOOP);
}

TEST_F(File, FifoNeitherBlocksNorReads) {
  ASSERT_EQ(mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  const auto file = open_here("fifo", O_RDONLY);
  ASSERT_TRUE(file);
  std::string bytes;
  EXPECT_FALSE(pread_up_to(file->get(), 0, 10, bytes));
}

TEST_F(File, DirectoryCannotBeRead) {
  ASSERT_EQ(mkdir((dir_ / "folder").c_str(), 0700), 0);
  const auto file = open_here("folder", O_RDONLY);
  ASSERT_TRUE(file);
  std::string bytes;
  const auto status = pread_up_to(file->get(), 0, 10, bytes);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().sys_errno, EISDIR);
}

TEST_F(File, ReadsUpToTheEnd) {
  write_whole(dir_ / "file", "0123456789");
  const auto file = open_here("file", O_RDONLY);
  ASSERT_TRUE(file);
  std::string bytes = "old";
  ASSERT_TRUE(pread_up_to(file->get(), 7, 100, bytes));
  EXPECT_EQ(bytes, "789");
  ASSERT_TRUE(pread_up_to(file->get(), 50, 100, bytes));
  EXPECT_EQ(bytes, "");
  EXPECT_EQ(file_bytes(file->get()).value(), 10u);
}

TEST_F(File, EarlyEndIsTruncatedAndSaysWhere) {
  write_whole(dir_ / "file", "0123456789");
  const auto file = open_here("file", O_RDONLY);
  ASSERT_TRUE(file);
  std::string bytes;
  const auto status = pread_exactly(file->get(), 7, 4, bytes);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kTruncated);
  EXPECT_EQ(status.error().offset, 10u);
}

TEST_F(File, ErrorsOfTheSystemAreValues) {
  write_whole(dir_ / "file", "x");
  const auto file = open_here("file", O_RDONLY);
  ASSERT_TRUE(file);
  const auto status = pwrite_all(file->get(), 0, "y");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_EQ(status.error().sys_errno, EBADF);
  std::string bytes;
  EXPECT_FALSE(pread_up_to(-1, 0, 1, bytes));
  EXPECT_FALSE(file_bytes(-1));
  EXPECT_FALSE(sync_data(-1));
  EXPECT_FALSE(sync_all(-1));
}

TEST_F(File, DescriptorHasOneOwner) {
  Fd first(open("/dev/null", O_RDONLY));
  const int number = first.get();
  Fd second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.get(), number);
  second.reset();
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace logfmt
