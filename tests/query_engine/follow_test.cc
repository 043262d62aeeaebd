#include "query/follow.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using Seqs = std::vector<uint64_t>;

constexpr auto kPatience = 20s;

// Keeps what is shown, and lets a test wait for it.
class KeepingSink : public logq::FollowSink {
 public:
  logfmt::Result<logq::Flow> show(const logq::EntryRecord& record) override {
    const std::lock_guard lock(mutex_);
    seqs_.push_back(record.entry.seq);
    return logq::Flow::kContinue;
  }
  logfmt::Result<logq::Flow> flush() override {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
    return logq::Flow::kContinue;
  }
  void report(const logfmt::Gap& gap) override {
    const std::lock_guard lock(mutex_);
    gaps_.push_back(gap);
  }
  void note(const std::string& line) override {
    const std::lock_guard lock(mutex_);
    notes_.push_back(line);
    changed_.notify_all();
  }

  Seqs wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return seqs_.size() >= count; });
    return seqs_;
  }
  std::vector<std::string> wait_for_note() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return !notes_.empty(); });
    return notes_;
  }
  std::vector<logfmt::Gap> gaps() {
    const std::lock_guard lock(mutex_);
    return gaps_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Seqs seqs_;
  std::vector<std::string> notes_;
  std::vector<logfmt::Gap> gaps_;
};

// `logq -f` without the command line, in a thread.
class Following {
 public:
  explicit Following(const std::string& directory,
                     const logq::Query& query = {}, int output_fd = -1)
      : stop_(eventfd(0, EFD_CLOEXEC)), follower_(directory, query) {
    thread_ = std::thread([this, output_fd] {
      auto follow =
          logq::Follow::open(std::span(&follower_, 1), sink_,
                             {.stop_fd = stop_.get(), .output_fd = output_fd});
      ended_well_ = follow && follow->run();
    });
  }
  ~Following() { stop(); }

  bool stop() {
    const uint64_t one = 1;
    EXPECT_EQ(write(stop_.get(), &one, sizeof one), ssize_t{sizeof one});
    return join();
  }
  bool join() {
    if (thread_.joinable()) thread_.join();
    return ended_well_;
  }
  KeepingSink& sink() { return sink_; }

 private:
  logfmt::Fd stop_;
  logq::StoreFollower follower_;
  KeepingSink sink_;
  std::thread thread_;
  bool ended_well_ = false;
};

std::vector<MadeEntry> entries_from(uint64_t first_seq, size_t count) {
  std::vector<MadeEntry> entries;
  for (size_t i = 0; i < count; ++i) {
    entries.push_back(entry_of(first_seq + i, "bot.service", "text"));
  }
  return entries;
}

Seqs numbers(uint64_t first, size_t count) {
  Seqs seqs;
  for (size_t i = 0; i < count; ++i) seqs.push_back(first + i);
  return seqs;
}

TEST(Follow, ShowsWhatIsThereAndWhatComes) {
  MadeStore store;
  store.lock();
  MadeWal wal(store.dir(), 1, boot_number(1));
  wal.add(entries_from(1, 3));
  Following following(store.dir().path());
  EXPECT_EQ(following.sink().wait_for(3), numbers(1, 3));
  wal.add(entries_from(4, 2));
  EXPECT_EQ(following.sink().wait_for(5), numbers(1, 5));
  EXPECT_TRUE(following.stop());
}

TEST(Follow, ShowsOnlyWhatMatches) {
  MadeStore store;
  store.lock();
  MadeWal wal(store.dir(), 1, boot_number(1));
  Following following(store.dir().path(),
                      {.units = {.include = {"bot.service"}}, .after_seq = 2});
  wal.add(entries_from(1, 2));
  wal.add(std::vector{entry_of(3, "web.service", "other")});
  wal.add(entries_from(4, 1));
  EXPECT_EQ(following.sink().wait_for(1), Seqs{4});
}

// What a busy daemon does to its directory: WALs are filled, closed (some only
// after their successor is there), moved into segments in their order, and
// removed; segments are sealed and vacuumed.
TEST(Follow, ShowsEachEntryOnceAcrossRotationSealingAndVacuum) {
  constexpr size_t kWals = 40;
  constexpr size_t kFrames = 30;
  constexpr size_t kRows = 7;
  constexpr size_t kRowsPerWal = kFrames * kRows;
  MadeStore store;
  store.lock();
  Following following(store.dir().path());
  std::optional<MadeWal> late;
  const auto encode = [&](uint64_t first_seq, Ending ending) {
    store.add_segment(entries_from(first_seq, kRowsPerWal), 50, ending);
    ASSERT_TRUE(store.dir().remove(logfmt::wal_name(first_seq)));
  };
  uint64_t seq = 1;
  for (size_t i = 0; i < kWals; ++i) {
    MadeWal wal(store.dir(), seq, boot_number(1));
    if (late) {
      late->close();
      late.reset();
      encode(seq - kRowsPerWal, Ending::kSealed);
    }
    for (size_t frame = 0; frame < kFrames; ++frame) {
      wal.add(entries_from(seq, kRows));
      seq += kRows;
    }
    if (i % 3 == 0) {
      late.emplace(std::move(wal));
    } else {
      wal.close();
      // The encoder does not wait for readers.
      encode(seq - kRowsPerWal, i % 2 == 0 ? Ending::kSealed : Ending::kOpen);
    }
  }
  EXPECT_EQ(following.sink().wait_for(seq - 1), numbers(1, seq - 1));
  EXPECT_TRUE(following.sink().gaps().empty());

  // Vacuum takes what has been shown.
  ASSERT_TRUE(store.dir().remove(logfmt::segment_name(1)));
  MadeWal wal(store.dir(), seq, boot_number(1));
  wal.add(entries_from(seq, 1));
  EXPECT_EQ(following.sink().wait_for(seq), numbers(1, seq));
}

TEST(Follow, CatchesUpFromSegmentsWhenTheWalIsGone) {
  MadeStore store;
  store.lock();
  store.add_segment(entries_from(1, 5), 2);
  store.add_segment(entries_from(6, 5), 2, Ending::kOpen);
  MadeWal wal(store.dir(), 11, boot_number(1));
  wal.add(entries_from(11, 2));
  Following following(store.dir().path(), {.after_seq = 3});
  EXPECT_EQ(following.sink().wait_for(9), numbers(4, 9));
}

TEST(Follow, WaitsForAStoreThatDoesNotExistYet) {
  const TempDir temp;
  const std::string path = temp.path() + "/var/log/logd";
  Following following(path);
  const auto notes = following.sink().wait_for_note();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes.front().find(path), std::string::npos);

  const auto dir = logfmt::StoreDir::open_or_create(path);
  ASSERT_TRUE(dir);
  MadeWal wal(*dir, 1, boot_number(1));
  wal.add(entries_from(1, 4));
  EXPECT_EQ(following.sink().wait_for(4), numbers(1, 4));
}

TEST(Follow, FollowsAStoreThatIsMadeAnew) {
  const TempDir temp;
  const std::string path = temp.path() + "/logd";
  {
    const auto dir = logfmt::StoreDir::open_or_create(path);
    MadeWal(*dir, 1, boot_number(1)).add(entries_from(1, 3));
  }
  Following following(path);
  EXPECT_EQ(following.sink().wait_for(3), numbers(1, 3));
  std::filesystem::remove_all(path);
  const auto dir = logfmt::StoreDir::open_or_create(path);
  MadeWal wal(*dir, 1, boot_number(2));
  wal.add(entries_from(1, 2));
  EXPECT_EQ(following.sink().wait_for(5), (Seqs{1, 2, 3, 1, 2}));
}

TEST(Follow, GoesOnAfterAnUncleanRestart) {
  MadeStore store;
  store.lock();
  MadeWal dead(store.dir(), 1, boot_number(1));
  dead.add(entries_from(1, 3));
  Following following(store.dir().path());
  EXPECT_EQ(following.sink().wait_for(3), numbers(1, 3));
  MadeWal wal(store.dir(), 4, boot_number(1));
  wal.add(entries_from(4, 3));
  EXPECT_EQ(following.sink().wait_for(6), numbers(1, 6));
}

TEST(StoreFollower, LearnsOfUnitsThatAreDeclaredMeanwhile) {
  MadeStore store;
  store.lock();
  const auto add_wal = [&](uint64_t seq, const logfmt::Field& sender) {
    std::vector<MadeEntry> entries = entries_from(seq, 1);
    entries.front().context = fields({sender});
    store.add_wal(entries);
  };
  KeepingSink sink;
  logq::StoreFollower follower(store.dir().path(),
                               {.units = {.include = {"cron.service"}}});
  ASSERT_TRUE(follower.open());
  add_wal(1, {"SYSLOG_IDENTIFIER", "cron"});
  ASSERT_TRUE(follower.catch_up(sink));
  add_wal(2, {"_SYSTEMD_UNIT", "cron.service"});
  ASSERT_TRUE(follower.catch_up(sink));
  add_wal(3, {"SYSLOG_IDENTIFIER", "cron"});
  ASSERT_TRUE(follower.catch_up(sink));
  EXPECT_EQ(sink.wait_for(2), (Seqs{1, 2}));
}

TEST(Follow, EndsWhenNobodyReadsTheOutput) {
  MadeStore store;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const logfmt::Fd write_end(ends[1]);
  { const logfmt::Fd read_end(ends[0]); }
  Following following(store.dir().path(), {}, write_end.get());
  EXPECT_TRUE(following.join());
}

TEST(Follow, SleepsWhileNothingHappens) {
  MadeStore store;
  store.lock();
  MadeWal wal(store.dir(), 1, boot_number(1));
  wal.add(entries_from(1, 1));
  Following following(store.dir().path());
  following.sink().wait_for(1);
  std::this_thread::sleep_for(50ms);
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  std::this_thread::sleep_for(200ms);
  getrusage(RUSAGE_SELF, &after);
  // This thread's own sleep is one switch.
  EXPECT_LE(after.ru_nvcsw - before.ru_nvcsw, 2);
}

}  // namespace
}  // namespace logq_test
