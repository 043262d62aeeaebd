#include "logd/store/syncer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "tests/format/testing/store_samples.h"
#include "tests/logd/testing/temp_store.h"

namespace logd {
namespace {

using logfmt::WalWriter;
using std::chrono::milliseconds;
using testing::becomes_true;

class SyncerTest : public ::testing::Test {
 protected:
  std::shared_ptr<WalWriter> make_wal(uint64_t first_seq) {
    auto wal = WalWriter::create(store_.fd(), {.magic = logfmt::kWalMagic,
                                               .store = store_.id(),
                                               .first_seq = first_seq});
    EXPECT_TRUE(wal);
    return std::make_shared<WalWriter>(std::move(*wal));
  }
  // From now on every fdatasync of it fails: pipes cannot be synced.
  static void break_wal(const WalWriter& wal) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    ASSERT_EQ(dup2(ends[1], wal.fd()), wal.fd());
    close(ends[0]);
    close(ends[1]);
  }

  testing::TempDir dir_;
  logfmt::StoreDir store_ = logfmt::testing::make_store(dir_.path());
};

TEST_F(SyncerTest, WaitsForTheInterval) {
  Syncer syncer(store_, milliseconds(200));
  const auto begin = std::chrono::steady_clock::now();
  syncer.note_written(make_wal(1), 10, Urgency::kWithinInterval);
  EXPECT_EQ(syncer.durable_seq(), 0U);
  ASSERT_TRUE(becomes_true([&] { return syncer.durable_seq() == 10; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(200));
}

TEST_F(SyncerTest, SyncsAtOnceWhatIsUrgent) {
  Syncer syncer(store_, std::chrono::hours(1));
  const auto wal = make_wal(1);
  syncer.note_written(wal, 10, Urgency::kWithinInterval);
  syncer.note_written(wal, 11, Urgency::kAtOnce);
  EXPECT_TRUE(becomes_true([&] { return syncer.durable_seq() == 11; }));
}

TEST_F(SyncerTest, IsABarrier) {
  Syncer syncer(store_, std::chrono::hours(1));
  syncer.wait();
  for (uint64_t seq = 2; seq < 100; ++seq) {
    syncer.note_written(make_wal(seq), seq, Urgency::kWithinInterval);
    syncer.wait();
    ASSERT_EQ(syncer.durable_seq(), seq);
  }
}

TEST_F(SyncerTest, SyncsTheRestBeforeItEnds) {
  auto wal = make_wal(1);
  {
    Syncer syncer(store_, std::chrono::hours(1));
    syncer.note_written(wal, 10, Urgency::kWithinInterval);
  }
  EXPECT_EQ(wal.use_count(), 1);
}

TEST_F(SyncerTest, NeverTriesAFileAgainThatFailed) {
  Syncer syncer(store_, std::chrono::hours(1));
  const auto wal = make_wal(1);
  const logfmt::Fd good(dup(wal->fd()));
  break_wal(*wal);
  syncer.note_written(wal, 10, Urgency::kAtOnce);
  syncer.wait();
  ASSERT_EQ(syncer.failed().size(), 1U);
  EXPECT_EQ(syncer.failed()[0].wal, wal);
  EXPECT_EQ(syncer.failed()[0].next_seq, 10U);
  ASSERT_EQ(dup2(good.get(), wal->fd()), wal->fd());
  syncer.note_written(wal, 11, Urgency::kAtOnce);
  syncer.wait();
  EXPECT_EQ(syncer.durable_seq(), 0U);
  syncer.note_written(make_wal(11), 12, Urgency::kAtOnce);
  syncer.wait();
  // The file that failed lies before: nothing more is known to be there.
  EXPECT_EQ(syncer.durable_seq(), 0U);
}

TEST_F(SyncerTest, KnowsEntriesOnTheDiskAgainWhenTheyAreElsewhere) {
  Syncer syncer(store_, std::chrono::hours(1));
  const auto wal = make_wal(1);
  break_wal(*wal);
  syncer.note_written(wal, 10, Urgency::kAtOnce);
  syncer.wait();
  syncer.note_written(wal, 12, Urgency::kWithinInterval);
  syncer.mend(make_wal(2));
  syncer.wait();
  EXPECT_TRUE(syncer.failed().empty());
  EXPECT_EQ(syncer.durable_seq(), 12U);
}

TEST_F(SyncerTest, SyncsFirstWhatAnotherWorkerHasLeft) {
  const auto left = make_wal(1);
  // The second one is gone: it was encoded meanwhile.
  Syncer syncer(store_, std::chrono::hours(1), {left->name(), "gone.wal"});
  syncer.note_written(make_wal(5), 10, Urgency::kAtOnce);
  syncer.wait();
  EXPECT_EQ(syncer.durable_seq(), 10U);
}

TEST_F(SyncerTest, KnowsNothingOnTheDiskWhereThatFails) {
  // A device that cannot be synced.
  ASSERT_EQ(symlinkat("/dev/null", store_.fd(), "left.wal"), 0);
  Syncer syncer(store_, std::chrono::hours(1), {"left.wal"});
  for (uint64_t seq = 10; seq < 12; ++seq) {
    syncer.note_written(make_wal(seq), seq + 1, Urgency::kAtOnce);
    syncer.wait();
    EXPECT_EQ(syncer.durable_seq(), 0U);
  }
}

TEST_F(SyncerTest, TrustsNoFileThatFailedUnderAnotherWorker) {
  Syncer syncer(store_, std::chrono::hours(1));
  const auto wal = make_wal(1);
  syncer.distrust({wal, 10});
  syncer.note_written(wal, 11, Urgency::kAtOnce);
  syncer.wait();
  EXPECT_EQ(syncer.durable_seq(), 0U);
  syncer.mend(make_wal(2));
  syncer.wait();
  EXPECT_EQ(syncer.durable_seq(), 11U);
}

// The copy that mends it is to be synced yet.
TEST_F(SyncerTest, KnowsNothingOnTheDiskThatIsMendedDuringASync) {
  // To look for them all takes the first sync half a second.
  Syncer syncer(store_, std::chrono::hours(1),
                std::vector<std::string>(300'000, "gone.wal"));
  const auto wal = make_wal(1);
  syncer.distrust({wal, 10});
  syncer.note_written(wal, 10, Urgency::kAtOnce);
  std::this_thread::sleep_for(milliseconds(50));
  syncer.mend(nullptr);
  syncer.wait();
  EXPECT_EQ(syncer.durable_seq(), 0U);
}

TEST_F(SyncerTest, CallsWhoeverHasToMendAFile) {
  Syncer syncer(store_, std::chrono::hours(1));
  std::atomic<int> calls{0};
  syncer.set_on_failure([&] { ++calls; });
  const auto wal = make_wal(1);
  break_wal(*wal);
  syncer.note_written(wal, 10, Urgency::kAtOnce);
  syncer.wait();
  syncer.note_written(wal, 11, Urgency::kAtOnce);
  syncer.wait();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace logd
