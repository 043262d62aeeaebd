#include "logd/store/store_writer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

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
  store.commit();
  EXPECT_EQ(messages(read_store(store.dir())),
            (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(store.writer().next_seq(), 3U);
}

TEST(StoreWriter, WritesNothingForAnEmptyBatch) {
  TempStore store;
  store.commit();
  (void)store.writer().rotate();
  EXPECT_TRUE(names(store.dir()).empty());
}

TEST(StoreWriter, NumbersWithoutHolesAcrossFilesAndStarts) {
  testing::TempDir dir;
  for (int start = 0; start < 3; ++start) {
    TempStore store(dir.path());
    for (int i = 0; i < 10; ++i) {
      store.add("entry");
      if (i % 3 == 0) store.commit();
      if (i == 5) (void)store.writer().rotate();
    }
    if (start == 1) {
      store.commit();
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
    store.commit();
  }
  ASSERT_TRUE(becomes_true([&] { return names(store.dir()).size() == 2; }));
  // A file may be replaced while it is about to be read.
  EXPECT_TRUE(
      becomes_true([&] { return read_store(store.dir()).size() == 20; }));
}

TEST(StoreWriter, RotatesWhatIsOldEnough) {
  TempStore store;
  store.writer().set_rotate_after(1);
  EXPECT_EQ(store.writer().rotate_at_us(), UINT64_MAX);
  store.add("one");
  store.commit();
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
  store.commit();
  store.add("critical", 2);
  store.commit();
  EXPECT_TRUE(becomes_true([&] { return store.syncer().durable_seq() == 3; }));
}

TEST(StoreWriter, KeepsWhatAFullDiskRefusesUntilItIsTaken) {
  TempStore store;
  store.add("before");
  store.commit();
  {
    const FullDisk full;
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(store.add("kept " + std::to_string(i)));
      store.writer().commit();
    }
    EXPECT_FALSE(store.commit());
    EXPECT_EQ(store.writer().drop_cause(), DropCause::kNoSpace);
    EXPECT_EQ(read_store(store.dir()).size(), 1U);
  }
  store.add("after");
  EXPECT_TRUE(store.commit());
  EXPECT_EQ(messages(read_store(store.dir())),
            (std::vector<std::string>{"before", "kept 0", "kept 1", "kept 2",
                                      "kept 3", "kept 4", "after"}));
}

TEST(StoreWriter, LetsOnlyWhatMattersInWhenMemoryIsNearlyFull) {
  TempStore store;
  const std::string text(256 << 10, 'x');
  const FullDisk full;
  int added = 0;
  while (store.add(text, 6)) {
    store.writer().commit();
    ASSERT_LT(++added, 100) << "memory is bounded";
  }
  EXPECT_TRUE(store.add(text, 4));
  store.writer().commit();
  EXPECT_FALSE(store.add("a line", 5));
  while (store.add(text, 3)) {
    store.writer().commit();
    ASSERT_LT(++added, 200) << "memory is bounded";
  }
  EXPECT_FALSE(store.add("a line", 0));
}

TEST(StoreWriter, TakesEntriesAgainAsSoonAsThereIsRoom) {
  TempStore store;
  const std::string text(1 << 20, 'x');
  int added = 0;
  {
    const FullDisk full;
    for (; store.add(text, 3); ++added) store.writer().commit();
    EXPECT_FALSE(store.writer().take_recovered());
  }
  EXPECT_TRUE(becomes_true([&] { return store.add("after"); }));
  EXPECT_TRUE(store.writer().take_recovered());
  EXPECT_FALSE(store.writer().take_recovered());
  EXPECT_TRUE(store.commit());
  EXPECT_EQ(read_store(store.dir()).size(), static_cast<size_t>(added + 1));
}

TEST(StoreWriter, TakesTheLargestEntryThatMayBe) {
  TempStore store;
  store.add("before");
  EXPECT_TRUE(store.add(std::string(logfmt::kEntryBytesMax - 100, 'x')));
  EXPECT_TRUE(store.commit());
  EXPECT_EQ(read_store(store.dir()).size(), 2U);
}

TEST(StoreWriter, StartsOnAFullDisk) {
  TempStore store;
  {
    const FullDisk full;
    store.add("kept");
    EXPECT_FALSE(store.commit());
  }
  EXPECT_TRUE(store.commit());
  EXPECT_EQ(messages(read_store(store.dir())),
            std::vector<std::string>{"kept"});
}

// A worker that died because it wrote where it should not have.
TEST(WalThread, LeavesOutWhatAnotherWorkerHasDamagedInTheRing) {
  constexpr size_t kRecordHeaderBytes = 24;
  for (const size_t byte : {size_t{4}, size_t{9}, kRecordHeaderBytes + 20,
                            kRecordHeaderBytes + 84}) {
    SCOPED_TRACE(byte);
    TempStore store;
    {
      const FullDisk full;
      for (const char* text : {"whole", "damaged", "after it"}) {
        store.add(text);
        store.writer().commit();
      }
      store.wal().abandon();
    }
    LandingZone& zone = store.zone();
    const FrameRing ring(zone.ring(), zone.state().ring_tail,
                         zone.committed().ring_head);
    const uint64_t second = ring.at(ring.tail(), ring.head())->end;
    zone.ring()[second + byte] ^= 1;
    (void)store.events().take();
    const logfmt::Id128 boot = logfmt::Id128::random();
    WalThread wal({store.dir(), boot, zone, store.syncer(), store.encoder(),
                   store.events()},
                  {}, 1);
    EXPECT_TRUE(wal.wait_written(ring.head(), std::chrono::seconds(5)));
    EXPECT_EQ(messages(read_store(store.dir())),
              std::vector<std::string>{"whole"});
    EXPECT_EQ(store.events().take().at(0).kind, EventKind::kDamaged);
  }
}

// Another worker may have died between writing frames and taking them out.
TEST(WalThread, WritesNothingTwice) {
  TempStore store;
  LandingZone& zone = store.zone();
  const uint64_t tail = zone.state().ring_tail;
  store.add("once");
  ASSERT_TRUE(store.commit());
  store.wal().abandon();
  zone.state().ring_tail = tail;
  (void)store.events().take();
  const logfmt::Id128 boot = logfmt::Id128::random();
  WalThread wal({store.dir(), boot, zone, store.syncer(), store.encoder(),
                 store.events()},
                {}, zone.committed().next_seq);
  EXPECT_TRUE(wal.wait_written(zone.committed().ring_head,
                               std::chrono::milliseconds(100)));
  EXPECT_EQ(zone.state().ring_tail, zone.committed().ring_head);
  EXPECT_EQ(messages(read_store(store.dir())),
            std::vector<std::string>{"once"});
  EXPECT_TRUE(store.events().take().empty());
}

TEST(StoreWriter, AsksForRoomWhenTheDiskIsFull) {
  StoreConfig config;
  TempStore store({}, config);
  store.add("old");
  (void)store.writer().rotate();
  const std::string segment = logfmt::segment_name(1);
  ASSERT_TRUE(becomes_true([&] {
    const auto reading = logfmt::testing::read_segment(store.dir(), segment);
    return reading.opened && !reading.open_from;
  }));
  config.max_age = std::chrono::hours(1);  // the entries are of 2023
  store.encoder().set_config(config);
  const FullDisk full;
  store.add("lost");
  store.commit();
  EXPECT_TRUE(becomes_true([&] { return names(store.dir()).empty(); }));
}

}  // namespace
}  // namespace logd
