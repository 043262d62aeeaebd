#include "logd/store/encoder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <random>

#include "format/segment_reader.h"
#include "tests/format/testing/store_samples.h"
#include "tests/logd/testing/temp_store.h"

namespace logd {
namespace {

using logfmt::StoreFileKind;
using logfmt::testing::is_honest;
using logfmt::testing::Sample;
using logfmt::testing::WalMaker;
using testing::becomes_true;
using testing::TempDir;

class EncoderTest : public ::testing::Test {
 protected:
  std::string incompressible(size_t bytes) {
    std::string text(bytes, '\0');
    for (char& byte : text) byte = static_cast<char>(random_());
    return text;
  }
  // A closed WAL of `count` entries, each of about `bytes`.
  ClosedWal make_wal(uint64_t first_seq, size_t count, size_t bytes = 20) {
    auto rows = logfmt::testing::plain_run(first_seq, count);
    for (Sample& row : rows) {
      row.boot = logfmt::testing::kBoot;
      row.payload =
          logfmt::testing::fields({{"MESSAGE", incompressible(bytes)}});
    }
    WalMaker wal(store_, first_seq);
    for (size_t i = 0; i < count; i += 1000) {
      wal.append(std::span(rows).subspan(i, std::min<size_t>(1000, count - i)));
    }
    wal.close();
    entries_.insert(entries_.end(), rows.begin(), rows.end());
    return {wal.writer().name(), wal.writer().bytes()};
  }
  ClosedWal make_large_wal(uint64_t first_seq) {
    return make_wal(first_seq, 2000, 2500);
  }
  std::unique_ptr<Encoder> start(EncodedStore encoded = {}) {
    return std::make_unique<Encoder>(store_, config_, events_,
                                     std::move(encoded));
  }
  static EncodedStore after_first_segment(uint64_t next_seq) {
    return {.unsealed = {{.name = logfmt::segment_name(1),
                          .tail = logfmt::SegmentWriter::Tail::kMayBeBlock}},
            .next_seq = next_seq};
  }
  size_t count_of(StoreFileKind kind) {
    const auto files = store_.list().value();
    return static_cast<size_t>(
        std::count_if(files.begin(), files.end(),
                      [&](const auto& file) { return file.kind == kind; }));
  }
  bool no_wals() { return count_of(StoreFileKind::kWal) == 0; }
  // What the segments hold, in order; each entry as often as it is there.
  std::vector<Sample> encoded() {
    std::vector<Sample> all;
    const auto files = store_.list().value();
    for (const auto& file : files) {
      if (file.kind != StoreFileKind::kSegment) continue;
      const auto reading = logfmt::testing::read_segment(store_, file.name);
      EXPECT_TRUE(reading.gaps.empty());
      all.insert(all.end(), reading.entries.begin(), reading.entries.end());
    }
    return all;
  }

  TempDir dir_;
  logfmt::StoreDir store_ = logfmt::testing::make_store(dir_.path());
  StoreConfig config_{};
  EventLog events_;
  std::vector<Sample> entries_;
  std::mt19937 random_;
};

TEST_F(EncoderTest, TurnsALargeWalIntoASegment) {
  const auto encoder = start();
  encoder->enqueue(make_large_wal(1));
  ASSERT_TRUE(becomes_true([&] { return no_wals(); }));
  EXPECT_EQ(encoded(), entries_);
}

TEST_F(EncoderTest, LetsSmallWalsWaitForEachOther) {
  const auto encoder = start();
  encoder->enqueue(make_wal(1, 10));
  encoder->enqueue(make_wal(11, 10));
  EXPECT_EQ(count_of(StoreFileKind::kWal), 2U);
  encoder->enqueue(make_large_wal(21));
  ASSERT_TRUE(becomes_true([&] { return no_wals(); }));
  EXPECT_EQ(encoded(), entries_);
  EXPECT_EQ(count_of(StoreFileKind::kSegment), 1U);
}

TEST_F(EncoderTest, SealsSegmentsAtAnEighthOfTheLimit) {
  config_.max_use = {.bytes = kMaxUseBytesMin};
  const auto encoder = start();
  uint64_t next_seq = 1;
  for (int i = 0; i < 4; ++i) {
    encoder->enqueue(make_large_wal(next_seq));
    next_seq = entries_.back().seq + 1;
  }
  ASSERT_TRUE(becomes_true([&] { return no_wals(); }));
  encoder->stop();
  const auto files = store_.list().value();
  for (const auto& file : files) {
    const auto segment =
        logfmt::SegmentReader::open(store_.fd(), file.name, store_.id());
    ASSERT_TRUE(segment);
    // The block that reaches the limit is the last.
    const auto& last = segment->blocks().back();
    EXPECT_LT(last.offset, kMaxUseBytesMin / 8);
  }
}

TEST_F(EncoderTest, LeavesASmallTailWhenItStops) {
  const auto encoder = start();
  encoder->enqueue(make_wal(1, 10));
  encoder->stop();
  EXPECT_EQ(testing::names(store_), std::vector{logfmt::wal_name(1)});
}

TEST_F(EncoderTest, EncodesALargeTailWhenItStops) {
  const auto encoder = start();
  encoder->enqueue(make_wal(1, 1000, 1500));
  encoder->stop();
  EXPECT_EQ(encoded(), entries_);
  EXPECT_TRUE(no_wals());
}

TEST_F(EncoderTest, SealsAllThatIsQueued) {
  const auto encoder = start();
  encoder->enqueue(make_wal(1, 10));
  encoder->seal();
  ASSERT_TRUE(becomes_true([&] { return no_wals(); }));
  encoder->stop();
  const auto reading =
      logfmt::testing::read_segment(store_, logfmt::segment_name(1));
  EXPECT_EQ(reading.entries, entries_);
  EXPECT_FALSE(reading.open_from);
}

TEST_F(EncoderTest, GoesOnWithAnUnsealedSegment) {
  start()->enqueue(make_large_wal(1));
  ASSERT_TRUE(no_wals());
  const uint64_t next_seq = entries_.back().seq + 1;
  start(after_first_segment(next_seq))->enqueue(make_large_wal(next_seq));
  EXPECT_EQ(count_of(StoreFileKind::kSegment), 1U);
  EXPECT_EQ(encoded(), entries_);
}

TEST_F(EncoderTest, SealsAnUnsealedSegmentOnRequest) {
  start()->enqueue(make_large_wal(1));
  ASSERT_TRUE(no_wals());
  const auto encoder = start(after_first_segment(2001));
  ASSERT_TRUE(encoder->wait_sealed(encoder->seal()));
  const auto segment = logfmt::SegmentReader::open(
      store_.fd(), logfmt::segment_name(1), store_.id());
  ASSERT_TRUE(segment);
  EXPECT_TRUE(segment->sealed());
}

TEST_F(EncoderTest, LeavesADamagedSegmentAsItIsAndBeginsAnother) {
  start()->enqueue(make_large_wal(1));
  ASSERT_TRUE(no_wals());
  const std::string path = dir_.path() + "/" + logfmt::segment_name(1);
  std::string bytes = logfmt::testing::read_whole(path);
  bytes[bytes.size() / 4] ^= 1;  // in the first of its blocks
  logfmt::testing::write_whole(path, bytes);
  start(after_first_segment(2001))->enqueue(make_large_wal(2001));
  EXPECT_EQ(count_of(StoreFileKind::kSegment), 2U);
  EXPECT_EQ(logfmt::testing::read_whole(path), bytes);
  const auto told = events_.take();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, EventKind::kDamaged);
}

TEST_F(EncoderTest, PassesOverEntriesThatAreInSegments) {
  const auto wal = make_large_wal(1);
  const std::string path = dir_.path() + "/" + wal.name;
  const std::string bytes = logfmt::testing::read_whole(path);
  {
    const auto encoder = start();
    encoder->enqueue(wal);
    encoder->seal();
  }
  ASSERT_TRUE(no_wals());
  logfmt::testing::write_whole(path, bytes);
  start({std::nullopt, 2001})->enqueue(wal);
  EXPECT_TRUE(no_wals());
  EXPECT_EQ(encoded(), entries_);
  EXPECT_TRUE(events_.take().empty());
}

TEST_F(EncoderTest, TriesAgainWithoutDuplicatesWhenTheDiskIsFull) {
  std::signal(SIGXFSZ, SIG_IGN);
  const ClosedWal wals[] = {make_wal(1, 3000, 2500), make_large_wal(3001)};
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = 6 << 20;  // one block fits, the next does not
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto encoder = start();
  for (const ClosedWal& wal : wals) encoder->enqueue(wal);
  const bool told = becomes_true([&] { return !events_.take().empty(); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(told);
  EXPECT_EQ(count_of(StoreFileKind::kWal), 2U);
  ASSERT_TRUE(becomes_true([&] { return no_wals(); }));
  EXPECT_EQ(encoded(), entries_);
}

TEST_F(EncoderTest, KeepsADamagedWalAsideAndTakesWhatItCan) {
  const auto wal = make_wal(1, 5000);
  const std::string path = dir_.path() + "/" + wal.name;
  std::string bytes = logfmt::testing::read_whole(path);
  bytes[bytes.size() / 2] ^= 1;
  logfmt::testing::write_whole(path, bytes);
  {
    const auto encoder = start();
    encoder->enqueue(wal);
    encoder->seal();
  }
  EXPECT_TRUE(no_wals());
  EXPECT_EQ(logfmt::testing::read_whole(path + ".damaged"), bytes);
  const auto left = encoded();
  EXPECT_GE(left.size(), 1000U);
  EXPECT_LT(left.size(), entries_.size());
  const auto told = events_.take();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, EventKind::kDamaged);
  EXPECT_NE(told[0].message.find("gap: "), std::string::npos);
}

TEST_F(EncoderTest, SetsAFileAsideThatIsNoWal) {
  const std::string name = logfmt::wal_name(7);
  logfmt::testing::write_whole(dir_.path() + "/" + name, "garbage");
  {
    const auto encoder = start();
    encoder->enqueue({name, 7});
    encoder->enqueue(make_large_wal(8));
  }
  EXPECT_TRUE(no_wals());
  EXPECT_EQ(encoded(), entries_);
  EXPECT_EQ(events_.take().size(), 1U);
}

}  // namespace
}  // namespace logd
