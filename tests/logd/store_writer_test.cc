#include "logd/store/store_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/format/testing/store_samples.h"
#include "tests/logd/testing/temp_store.h"

namespace logd {
namespace {

using testing::becomes_true;
using testing::messages;
using testing::names;
using testing::read_store;
using testing::TempStore;

// No file may be written to while this lives.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(StoreWriter, MakesEachBatchReadableAtOnce) {
  TempStore store;
  store.add("one");
  store.add("two");
  EXPECT_TRUE(read_store(store.dir()).empty());
  store.writer().commit();
  EXPECT_EQ(messages(read_store(store.dir())),
            (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(store.writer().next_seq(), 3U);
}

TEST(StoreWriter, WritesNothingForAnEmptyBatch) {
  TempStore store;
  store.writer().commit();
  store.writer().rotate();
  EXPECT_TRUE(names(store.dir()).empty());
}

TEST(StoreWriter, NumbersWithoutHolesAcrossFilesAndStarts) {
  testing::TempDir dir;
  for (int start = 0; start < 3; ++start) {
    TempStore store(dir.path());
    for (int i = 0; i < 10; ++i) {
      store.add("entry");
      if (i % 3 == 0) store.writer().commit();
      if (i == 5) store.writer().rotate();
    }
    if (start == 1) {
      store.writer().commit();
      store.abandon();
    }
  }
  TempStore store(dir.path());
  const auto entries = read_store(store.dir());
  ASSERT_EQ(entries.size(), 30U);
  for (size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].seq, i + 1);
}

TEST(StoreWriter, BeginsANewFileWhenOneIsFull) {
  TempStore store;
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    store.add(text);
    store.writer().commit();
  }
  ASSERT_TRUE(becomes_true([&] { return names(store.dir()).size() == 2; }));
  EXPECT_EQ(read_store(store.dir()).size(), 20U);
}

TEST(StoreWriter, RotatesWhatIsOldEnough) {
  TempStore store;
  store.writer().set_rotate_after(1);
  EXPECT_EQ(store.writer().rotate_at_us(), UINT64_MAX);
  store.add("one");
  store.writer().commit();
  EXPECT_EQ(store.writer().rotate_at_us(), UINT64_MAX);
  ASSERT_TRUE(becomes_true([&] {
    return names(store.dir()) == std::vector{logfmt::segment_name(1)};
  }));
}

TEST(StoreWriter, MakesUrgentEntriesDurableAtOnce) {
  StoreConfig config;
  config.sync_interval = std::chrono::hours(1);
  TempStore store({}, config);
  store.add("notice", 5);
  store.writer().commit();
  store.add("critical", 2);
  store.writer().commit();
  EXPECT_TRUE(becomes_true([&] { return store.syncer().durable_seq() == 3; }));
}

TEST(StoreWriter, CountsWhatAFullDiskLostAndSaysSoWhenItIsNot) {
  TempStore store;
  store.add("before");
  store.writer().commit();
  {
    const FullDisk full;
    for (int i = 0; i < 5; ++i) {
      store.add("lost");
      store.add("lost");
      store.writer().commit();
    }
    EXPECT_TRUE(store.events().take().empty());
  }
  store.add("after");
  store.writer().commit();
  const auto events = store.events().take();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, EventKind::kLost);
  EXPECT_EQ(events[0].fields[0],
            (std::pair<std::string, std::string>("N_DROPPED", "10")));
  const auto entries = read_store(store.dir());
  EXPECT_EQ(messages(entries), (std::vector<std::string>{"before", "after"}));
  EXPECT_EQ(entries[1].seq, 2U);
}

TEST(StoreWriter, StartsOnAFullDisk) {
  TempStore store;
  {
    const FullDisk full;
    store.add("lost");
    store.writer().commit();
  }
  EXPECT_TRUE(names(store.dir()).empty());
  store.add("after");
  store.writer().commit();
  EXPECT_EQ(messages(read_store(store.dir())),
            std::vector<std::string>{"after"});
}

TEST(StoreWriter, AsksForRoomWhenTheDiskIsFull) {
  StoreConfig config;
  TempStore store({}, config);
  store.add("old");
  store.writer().rotate();
  const std::string segment = logfmt::segment_name(1);
  ASSERT_TRUE(becomes_true([&] {
    const auto reading = logfmt::testing::read_segment(store.dir(), segment);
    return reading.opened && !reading.open_from;
  }));
  config.max_age = std::chrono::hours(1);  // the entries are of 2023
  store.encoder().set_config(config);
  const FullDisk full;
  store.add("lost");
  store.writer().commit();
  EXPECT_TRUE(becomes_true([&] { return names(store.dir()).empty(); }));
}

// Makes the file's descriptor in this process one that takes all and cannot
// be synced.
void break_file(const std::string& name) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 3; fd < 256; ++fd) {
    std::error_code none;
    const auto target = std::filesystem::read_symlink(
        "/proc/self/fd/" + std::to_string(fd), none);
    if (target.filename() == name) {
      ASSERT_EQ(dup2(null, fd), fd);
    }
  }
  close(null);
}

TEST(StoreWriter, LeavesAFileThatCannotBeSyncedAndSaysSoOnce) {
  StoreConfig config;
  config.sync_interval = std::chrono::hours(1);
  TempStore store({}, config);
  for (const std::string text : {"one", "two", "three"}) {
    store.add(text);
    store.writer().commit();
    const std::string wal = names(store.dir()).back();
    break_file(wal);
    store.add("lost", 0);
    store.writer().commit();
    store.syncer().wait();
    store.add("lost");
    store.writer().commit();
    store.add(text + " again");
    store.writer().commit();
    EXPECT_NE(names(store.dir()).back(), wal);
  }
  size_t told = 0;
  for (const Event& event : store.events().take()) {
    told += event.kind == EventKind::kStoreFailed ? 1 : 0;
  }
  EXPECT_EQ(told, 1U);
}

}  // namespace
}  // namespace logd
