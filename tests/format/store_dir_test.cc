#include "format/store_dir.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::read_whole;
using testing::TempDir;
using testing::write_whole;

std::vector<std::string> names_in(const StoreDir& store) {
  std::vector<std::string> names;
  const auto files = store.list();
  EXPECT_TRUE(files);
  for (const StoreFile& file : *files) names.push_back(file.name);
  return names;
}

TEST(StoreDir, NamesAreSixteenHexDigits) {
  EXPECT_EQ(wal_name(0), "0000000000000000.wal");
  EXPECT_EQ(segment_name(0xABCDEF), "0000000000abcdef.seg");
  EXPECT_EQ(wal_name(std::numeric_limits<uint64_t>::max()),
            "ffffffffffffffff.wal");
}

TEST(StoreDir, CreatesDirectoriesAndKeepsItsUuid) {
  const TempDir dir;
  const std::string path = dir / "a/b/store/";
  const auto first = StoreDir::open_or_create(path);
  ASSERT_TRUE(first) << first.error().message();
  const auto again = StoreDir::open_or_create(path);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(first->id(), again->id());
  EXPECT_FALSE(first->id().is_zero());
  EXPECT_FALSE(first->has_writer());
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07, 0u) << "others may look into the store";
}

TEST(StoreDir, OpeningNoStoreIsNotFound) {
  const TempDir dir;
  for (const std::string& path : {dir.path(), dir / "missing"}) {
    const auto store = StoreDir::open(path);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(store.error().message(), HasSubstr(path));
  }
}

TEST(StoreDir, ListsSegmentsFirstAndEachKindInOrder) {
  const TempDir dir;
  const auto store = StoreDir::open_or_create(dir.path());
  ASSERT_TRUE(store);
  for (const uint64_t seq : {0x20, 0x3, 0x10}) {
    write_whole(dir / wal_name(seq), "x");
    write_whole(dir / segment_name(seq), "x");
  }
  EXPECT_THAT(names_in(*store),
              ElementsAre(segment_name(3), segment_name(16), segment_name(32),
                          wal_name(3), wal_name(16), wal_name(32)));
  const auto files = store->list();
  EXPECT_EQ(files->at(2).first_seq, 32u);
  EXPECT_EQ(files->at(2).kind, StoreFileKind::kSegment);
  EXPECT_GT(files->at(2).disk_bytes, 0u);
}

TEST(StoreDir, LeavesForeignFilesAlone) {
  const TempDir dir;
  const auto store = StoreDir::open_or_create(dir.path());
  ASSERT_TRUE(store);
  for (const char* name :
       {"notes.txt", "1.seg", "00000000000000AB.seg", "000000000000000g.wal",
        "0000000000000001.seg.tmp", "-000000000000001.wal",
        "0x00000000000001.wal", ".wal", "0000000000000001wal"}) {
    write_whole(dir / name, "x");
  }
  EXPECT_THAT(names_in(*store), ElementsAre());
}

TEST(StoreDir, RemovingTwiceIsNoError) {
  const TempDir dir;
  const auto store = StoreDir::open_or_create(dir.path());
  ASSERT_TRUE(store);
  write_whole(dir / wal_name(1), "x");
  EXPECT_TRUE(store->remove(wal_name(1)));
  EXPECT_TRUE(store->remove(wal_name(1)));
  EXPECT_THAT(names_in(*store), ElementsAre());
}

TEST(StoreDir, SecondWriterIsRefused) {
  const TempDir dir;
  auto first = StoreDir::open_or_create(dir.path());
  auto second = StoreDir::open(dir.path());
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(second->has_writer());
  ASSERT_TRUE(first->lock());
  ASSERT_TRUE(first->lock()) << "its own lock is no obstacle";
  EXPECT_TRUE(first->has_writer() && second->has_writer());
  const auto refused = second->lock();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(), HasSubstr("another logd"));
  first = fail(ErrorCode::kNotFound, "gone");
  EXPECT_FALSE(second->has_writer());
  EXPECT_TRUE(second->lock());
}

// A reader that asks all the time must never make a starting writer give up.
TEST(StoreDir, AskingForTheWriterTakesNoLock) {
  const TempDir dir;
  auto writer = StoreDir::open_or_create(dir.path());
  const auto reader = StoreDir::open(dir.path());
  ASSERT_TRUE(writer && reader);
  write_whole(dir / "LOCK", "");
  const pid_t child = fork();
  if (child == 0) {
    while (true) (void)reader->has_writer();
  }
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(writer->lock()) << i;
    writer = StoreDir::open(dir.path());
  }
  (void)kill(child, SIGKILL);
}

TEST(StoreDir, FirstStartOfTwoMakesOneStore) {
  const TempDir dir;
  auto running = StoreDir::open_or_create(dir.path());
  ASSERT_TRUE(running && running->lock());
  ASSERT_EQ(unlink((dir / "STORE").c_str()), 0);
  const auto other = StoreDir::open_or_create(dir.path());
  ASSERT_FALSE(other) << "a second uuid would orphan the first one's files";
  EXPECT_THAT(other.error().message(), HasSubstr("another logd"));
}

TEST(StoreDir, SymlinksAreRefused) {
  const TempDir dir;
  const TempDir elsewhere;
  auto store = StoreDir::open_or_create(dir.path());
  ASSERT_TRUE(store);
  write_whole(elsewhere / "target", read_whole(dir / "STORE"));
  ASSERT_EQ(unlink((dir / "LOCK").c_str()), 0);
  ASSERT_EQ(symlink((elsewhere / "target").c_str(), (dir / "LOCK").c_str()), 0);
  EXPECT_FALSE(store->lock());
  EXPECT_FALSE(store->has_writer());
  ASSERT_EQ(unlink((dir / "STORE").c_str()), 0);
  ASSERT_EQ(symlink((elsewhere / "target").c_str(), (dir / "STORE").c_str()),
            0);
  EXPECT_FALSE(StoreDir::open(dir.path()));
  EXPECT_FALSE(StoreDir::open_or_create(dir.path()));
}

TEST(StoreDir, NewerStoreIsRefusedInWords) {
  const TempDir dir;
  for (const char* text : {"logd store 2 5a5a\n", "logd store 10 x\n"}) {
    write_whole(dir / "STORE", text);
    const auto store = StoreDir::open_or_create(dir.path());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(store.error().message(),
              dir.path() + " was written by a newer version of logd");
  }
}

TEST(StoreDir, DamagedIdentityIsNotReplaced) {
  const TempDir dir;
  for (const std::string& text :
       {std::string(), std::string("junk"), std::string("logd store 1 5a5a\n"),
        "logd store 1 " + std::string(31, 'a') + "x\n",
        std::string(300, '\0')}) {
    write_whole(dir / "STORE", text);
    const auto store = StoreDir::open_or_create(dir.path());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(read_whole(dir / "STORE"), text);
  }
}

TEST(StoreDir, PathThatIsAFileIsAnError) {
  const TempDir dir;
  write_whole(dir / "file", "x");
  EXPECT_FALSE(StoreDir::open_or_create(dir / "file"));
  EXPECT_FALSE(StoreDir::open_or_create(dir / "file/below"));
  EXPECT_FALSE(StoreDir::open_or_create(""));
}

}  // namespace
}  // namespace logfmt
