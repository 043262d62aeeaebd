#include "format/segment_rewrite.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "format/layout.h"
#include "format/segment_reader.h"
#include "tests/format/testing/segment_samples.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

namespace fs = std::filesystem;
using testing::make_store;
using testing::plain_run;
using testing::read_segment;
using testing::read_whole;
using testing::Sample;
using testing::TempDir;
using testing::write_whole;

constexpr uint64_t kNow = 1'700'000'000'000'000;

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& item : fs::directory_iterator(path)) {
    const std::string name = item.path().filename();
    if (name != "STORE" && name != "LOCK" && name != "kept")
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What a reader of all listed segments gets.
std::vector<Sample> entries_in(const StoreDir& store) {
  std::vector<Sample> entries;
  const auto files = store.list();
  if (!files) return entries;
  for (const StoreFile& file : *files) {
    const auto reading = read_segment(store, file.name);
    EXPECT_TRUE(reading.opened) << file.name << ": " << reading.error;
    EXPECT_TRUE(reading.gaps.empty()) << file.name;
    entries.insert(entries.end(), reading.entries.begin(),
                   reading.entries.end());
  }
  return entries;
}

std::vector<Sample> without(std::vector<Sample> entries,
                            const std::function<bool(const Sample&)>& goes) {
  std::erase_if(entries, goes);
  return entries;
}

class SegmentRewrite : public ::testing::Test {
 protected:
  void add(const std::vector<Sample>& entries, size_t per_block,
           bool seal = true) {
    testing::add_segment(store_, entries, per_block, seal);
  }

  // `count` neighbouring segments of ten entries each.
  std::vector<Sample> add_neighbours(size_t count) {
    for (size_t i = 0; i < count; ++i) add(plain_run(i * 10 + 1, 10), 5);
    return plain_run(1, count * 10);
  }

  std::vector<StoreFile> files() { return store_.list().value(); }
  SegmentReader open(const std::string& name) {
    return std::move(
        SegmentReader::open(store_.fd(), name, store_.id()).value());
  }

  TempDir dir_;
  StoreDir store_ = make_store(dir_.path());
};

TEST_F(SegmentRewrite, DropsWhatThePolicyRefusesAndNothingElse) {
  std::vector<Sample> all = testing::awkward_run(3, 500);
  add(all, 50);
  const auto goes = [](uint64_t seq) { return seq % 3 == 0; };
  const auto outcome =
      rewrite(store_, files(),
              {.keep = [&](const EntryView& entry) { return !goes(entry.seq); },
               .level = 3,
               .now_us = kNow + 1});
  ASSERT_TRUE(outcome) << outcome.error().message();
  const auto kept = without(all, [&](auto& e) { return goes(e.seq); });
  EXPECT_EQ(entries_in(store_), kept);
  EXPECT_EQ(outcome->entries_kept, kept.size());
  EXPECT_EQ(outcome->entries_dropped, all.size() - kept.size());
  EXPECT_EQ(names_in(dir_.path()), std::vector{segment_name(all.front().seq)});
  const auto reader = open(segment_name(all.front().seq));
  EXPECT_TRUE(reader.sealed());
  EXPECT_EQ(reader.header().level, 3u);
  EXPECT_EQ(reader.header().created_us, kNow + 1);
  EXPECT_EQ(reader.next_seq(), all.back().seq + 1) << "the range stays";
  EXPECT_EQ(outcome->bytes_after,
            fs::file_size(dir_ / segment_name(all.front().seq)));
}

TEST_F(SegmentRewrite, FillsBlocksAnew) {
  add(plain_run(1, 160), 10);
  ASSERT_TRUE(rewrite(store_, files(), {.now_us = kNow}));
  EXPECT_EQ(open(segment_name(1)).blocks().size(), 1u);
  EXPECT_EQ(entries_in(store_), plain_run(1, 160));
}

TEST_F(SegmentRewrite, SegmentOfWhichNothingIsLeftStaysEmpty) {
  add_neighbours(2);
  const auto first = files()[0];
  ASSERT_TRUE(rewrite(
      store_, {&first, 1},
      {.keep = [](const EntryView&) { return false; }, .now_us = kNow}));
  const auto reader = open(segment_name(1));
  EXPECT_TRUE(reader.sealed() && reader.blocks().empty());
  EXPECT_TRUE(reader.gaps().empty());
  EXPECT_EQ(reader.next_seq(), 11u);
  EXPECT_EQ(entries_in(store_), plain_run(11, 10));
  ASSERT_TRUE(rewrite(store_, files(), {.now_us = kNow})) << "it is merged";
  EXPECT_EQ(names_in(dir_.path()), std::vector{segment_name(1)});
  EXPECT_EQ(entries_in(store_), plain_run(11, 10));
}

TEST_F(SegmentRewrite, NeighboursBecomeOneOfTheirWholeRange) {
  const auto all = add_neighbours(5);
  const auto outcome = rewrite(store_, files(), {.now_us = kNow});
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(names_in(dir_.path()), std::vector{segment_name(1)});
  EXPECT_EQ(entries_in(store_), all);
  const auto reader = open(segment_name(1));
  EXPECT_EQ(reader.header().end_seq, 51u);
  EXPECT_EQ(reader.blocks().size(), 1u);
  EXPECT_LT(outcome->bytes_after, outcome->bytes_before);
}

TEST_F(SegmentRewrite, NeighboursOfDifferentBootsShareABlock) {
  std::vector<Sample> all = plain_run(1, 30);
  for (size_t i = 0; i < 3; ++i) {
    for (size_t row = i * 10; row < (i + 1) * 10; ++row) {
      all[row].boot.bytes.fill(static_cast<uint8_t>(i + 1));
    }
    add({all.begin() + i * 10, all.begin() + (i + 1) * 10}, 5);
  }
  ASSERT_TRUE(rewrite(store_, files(), {.now_us = kNow}));
  EXPECT_EQ(entries_in(store_), all);
  EXPECT_EQ(open(segment_name(1)).blocks().size(), 1u);
}

TEST_F(SegmentRewrite, KnowsWhoTakesHowMuch) {
  add_neighbours(3);
  const auto before = open(segment_name(1)).unit_uses().value();
  EXPECT_TRUE(open(segment_name(1)).footer().knows_uses());
  ASSERT_TRUE(rewrite(store_, files(), {.now_us = kNow}));
  const auto reader = open(segment_name(1));
  ASSERT_TRUE(reader.footer().knows_uses());
  EXPECT_EQ(total_of(reader.footer().uses).rows, 30u);
  for (const auto& [owner, use] : before) {
    EXPECT_GE(reader.footer().uses.at(owner).payload_bytes, use.payload_bytes);
  }
}

TEST_F(SegmentRewrite, RefusesDamageAndLeavesIt) {
  const auto all = plain_run(1, 40);
  add(all, 10);
  const std::string path = dir_ / segment_name(1);
  const std::string whole = read_whole(path);
  const auto reader = open(segment_name(1));
  std::vector<size_t> places{whole.size() - 20};  // the trailer
  for (const BlockRef& block : reader.blocks()) {
    places.push_back(block.offset + 20);
    places.push_back(block.offset + block.header.part_offset(BlockPart::kMeta));
    places.push_back(block.offset +
                     block.header.part_offset(BlockPart::kStrings));
  }
  for (const size_t at : places) {
    SCOPED_TRACE(at);
    std::string bytes = whole;
    bytes[at] ^= 1;
    if (at < whole.size() - 40) bytes[whole.size() - 20] ^= 1;
    write_whole(path, bytes);
    const auto outcome = rewrite(store_, files(), {.now_us = kNow});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::kCorrupt)
        << outcome.error().message();
    EXPECT_EQ(read_whole(path), bytes);
    EXPECT_EQ(names_in(dir_.path()), std::vector{segment_name(1)});
  }
}

TEST_F(SegmentRewrite, LostEndOfARewrittenSegmentIsAGap) {
  add(plain_run(1, 40), 10);
  ASSERT_TRUE(rewrite(
      store_, files(),
      {.keep = [](const EntryView& e) { return e.seq < 30; }, .now_us = kNow}));
  const std::string path = dir_ / segment_name(1);
  const std::string whole = read_whole(path);
  for (size_t size = kFileHeaderBytes; size < whole.size(); size += 50) {
    write_whole(path, whole.substr(0, size));
    const auto reader = open(segment_name(1));
    ASSERT_FALSE(reader.gaps().empty()) << size;
    EXPECT_EQ(reader.gaps().back().last_seq, 40u);
    EXPECT_FALSE(rewrite(store_, files(), {.now_us = kNow}));
    EXPECT_FALSE(SegmentWriter::resume(store_, segment_name(1)));
  }
}

TEST_F(SegmentRewrite, RefusesWhatAreNoNeighbours) {
  add_neighbours(3);
  auto inputs = files();
  inputs.erase(inputs.begin() + 1);
  const auto outcome = rewrite(store_, inputs, {.now_us = kNow});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(entries_in(store_), plain_run(1, 30));
}

TEST_F(SegmentRewrite, UnsealedSegmentNeedsTheWriter) {
  add(plain_run(1, 10), 5, false);
  const auto refused = rewrite(store_, files(), {.now_us = kNow});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  ASSERT_TRUE(store_.lock());
  ASSERT_TRUE(rewrite(store_, files(), {.now_us = kNow}));
  EXPECT_TRUE(open(segment_name(1)).sealed());
  EXPECT_EQ(entries_in(store_), plain_run(1, 10));
}

TEST_F(SegmentRewrite, WalBecomesASegmentOfWhatNoSegmentHolds) {
  std::vector<Sample> rows = plain_run(1, 12);
  for (Sample& row : rows) row.boot = testing::kBoot;
  testing::WalMaker wal(store_, 1);
  for (size_t i = 0; i < 12; i += 4) {
    wal.append(std::span(rows).subspan(i, 4));
  }
  ASSERT_TRUE(store_.lock());
  EXPECT_EQ(rewrite(store_, files(), {.now_us = kNow}).error().code,
            ErrorCode::kCorrupt)
      << "it was not closed";
  wal.close();
  add({rows.begin(), rows.begin() + 6}, 6);
  testing::WalMaker later(store_, 13);
  later.append(plain_run(13, 1));
  later.close();
  const auto listed = files();
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_FALSE(rewrite(store_, {&listed[2], 1}, {.now_us = kNow}))
      << "an older one would be left behind a segment";
  const auto outcome =
      rewrite(store_, {&listed[1], 1},
              {.keep = [](const EntryView& entry) { return entry.seq != 9; },
               .now_us = kNow});
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->entries_kept, 5u);
  EXPECT_EQ(names_in(dir_.path()),
            (std::vector{segment_name(1), segment_name(7), wal_name(13)}));
  EXPECT_EQ(read_segment(store_, segment_name(7)).entries,
            without({rows.begin() + 6, rows.end()},
                    [](const Sample& e) { return e.seq == 9; }));
  EXPECT_EQ(open(segment_name(7)).next_seq(), 13u);
}

TEST_F(SegmentRewrite, WalThatSegmentsHoldIsRemoved) {
  std::vector<Sample> rows = plain_run(1, 4);
  for (Sample& row : rows) row.boot = testing::kBoot;
  testing::WalMaker wal(store_, 1);
  wal.append(rows);
  wal.close();
  add(rows, 4);
  ASSERT_TRUE(store_.lock());
  const auto listed = files();
  ASSERT_TRUE(rewrite(store_, {&listed[1], 1}, {.now_us = kNow}));
  EXPECT_EQ(names_in(dir_.path()), std::vector{segment_name(1)});
}

TEST_F(SegmentRewrite, GivesUpWhenAnInputIsReplacedOrRemoved) {
  const auto all = add_neighbours(2);
  for (const bool removed : {false, true}) {
    const auto inputs = files();
    bool done = false;
    const auto meanwhile = [&] {
      if (std::exchange(done, true)) return false;
      EXPECT_TRUE(
          removed ? store_.remove(inputs[1].name)
          : rewrite(store_, {&inputs[1], 1}, {.now_us = kNow}).has_value()
              ? Status{}
              : fail(ErrorCode::kIo, "rewrite failed"));
      return false;
    };
    const auto outcome =
        rewrite(store_, inputs, {.cancelled = meanwhile, .now_us = kNow});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::kChanged);
    EXPECT_EQ(entries_in(store_), removed ? plain_run(1, 10) : all);
    EXPECT_EQ(names_in(dir_.path()).size(), removed ? 1u : 2u);
  }
}

TEST_F(SegmentRewrite, StartsOverWhenItsOwnFileIsCleanedAway) {
  const auto all = add_neighbours(1);
  const auto outcome = rewrite(
      store_, files(),
      {.cancelled = [&] { return !finish_rewrites(store_); }, .now_us = kNow});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kChanged);
  EXPECT_EQ(entries_in(store_), all);
}

TEST_F(SegmentRewrite, CancelledOneLeavesNothingBehind) {
  const auto all = add_neighbours(3);
  const auto before = names_in(dir_.path());
  int asked = 0;
  const auto outcome =
      rewrite(store_, files(), {.cancelled = [&] { return ++asked == 4; }});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(names_in(dir_.path()), before);
  EXPECT_EQ(entries_in(store_), all);
}

TEST_F(SegmentRewrite, KeepsModeAndPlace) {
  add_neighbours(1);
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(stat((dir_ / segment_name(1)).c_str(), &before), 0);
  ASSERT_TRUE(rewrite(store_, files(), {.now_us = kNow}));
  ASSERT_EQ(stat((dir_ / segment_name(1)).c_str(), &after), 0);
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
}

// Every state that a death between two steps of a merge can leave: any of the
// inputs are gone once the merged file has its passing name.
TEST_F(SegmentRewrite, AnyInterruptedMergeListsTheSameEntries) {
  const auto all = add_neighbours(4);
  std::map<std::string, std::string> inputs;
  for (const std::string& name : names_in(dir_.path())) {
    inputs[name] = read_whole(dir_ / name);
  }
  ASSERT_TRUE(rewrite(store_, files(), {.now_us = kNow}));
  const std::string merged = read_whole(dir_ / segment_name(1));
  const std::string passing = merged_name(1, 41);
  for (unsigned present = 0; present < 16; ++present) {
    SCOPED_TRACE(present);
    ASSERT_TRUE(store_.remove(segment_name(1)));
    write_whole(dir_ / passing, merged);
    unsigned bit = 1;
    for (const auto& [name, bytes] : inputs) {
      if ((present & bit) != 0) write_whole(dir_ / name, bytes);
      bit *= 2;
    }
    EXPECT_EQ(entries_in(store_), all);
    ASSERT_TRUE(finish_rewrites(store_));
    EXPECT_EQ(names_in(dir_.path()), std::vector{segment_name(1)});
    EXPECT_EQ(entries_in(store_), all);
  }
}

TEST_F(SegmentRewrite, InterruptedWritingIsCleanedAway) {
  const auto all = add_neighbours(2);
  write_whole(dir_ / aside_name(segment_name(1)), "half");
  write_whole(dir_ / "notes.tmp", "a person's");
  EXPECT_EQ(entries_in(store_), all);
  ASSERT_TRUE(finish_rewrites(store_));
  EXPECT_EQ(names_in(dir_.path()),
            (std::vector{segment_name(1), segment_name(11),
                         std::string("notes.tmp")}));
}

// Otherwise a stray file could make a whole store vanish.
TEST_F(SegmentRewrite, MergedNameAloneHidesNothing) {
  const auto all = add_neighbours(2);
  write_whole(dir_ / merged_name(1, 41), "not a segment");
  write_whole(dir_ / merged_name(0, 41), read_whole(dir_ / segment_name(1)));
  EXPECT_EQ(entries_in(store_), all);
  ASSERT_TRUE(finish_rewrites(store_));
  EXPECT_EQ(entries_in(store_), all);
}

// Lets a child do something and kills it before its n-th system call; false
// when it was through before that.
bool killed_at_call(int calls, const std::function<void()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    (void)ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    (void)raise(SIGSTOP);
    act();
    _exit(0);
  }
  int status = 0;
  (void)waitpid(child, &status, 0);
  for (int i = 0; i < calls && WIFSTOPPED(status); ++i) {
    // It stops twice at each call: before and behind it.
    for (int stop = 0; stop < 2 && WIFSTOPPED(status); ++stop) {
      (void)ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
      (void)waitpid(child, &status, 0);
    }
  }
  if (!WIFSTOPPED(status)) return false;
  (void)kill(child, SIGKILL);
  (void)waitpid(child, &status, 0);
  return true;
}

// Of one segment, of several, and of what an interrupted run has left.
TEST_F(SegmentRewrite, KilledAtAnyCallLosesNothing) {
  const auto all = add_neighbours(3);
  const std::string kept_path = dir_ / "kept";
  fs::create_directory(kept_path);
  for (const std::string& name : names_in(dir_.path())) {
    fs::copy(dir_ / name, kept_path + "/" + name);
  }
  for (const size_t inputs : {size_t{1}, size_t{3}}) {
    int calls = 0;
    while (killed_at_call(calls, [&] {
      const auto listed = store_.list();
      if (listed) {
        (void)rewrite(store_, std::span(*listed).first(inputs),
                      {.level = 1, .now_us = kNow});
      }
      (void)finish_rewrites(store_);
    })) {
      ASSERT_EQ(entries_in(store_), all) << inputs << " inputs, call " << calls;
      ASSERT_TRUE(finish_rewrites(store_));
      ASSERT_EQ(entries_in(store_), all) << inputs << " inputs, call " << calls;
      for (const auto& item : fs::directory_iterator(kept_path)) {
        fs::copy_file(item.path(), dir_ / item.path().filename(),
                      fs::copy_options::overwrite_existing);
      }
      ++calls;
    }
    EXPECT_GT(calls, 20) << "it was not watched";
    EXPECT_EQ(entries_in(store_), all);
  }
}

TEST(FilesLock, ExcludesOthersButNotTheWriter) {
  const TempDir dir;
  auto store = make_store(dir.path());
  const auto other = StoreDir::open(dir.path());
  ASSERT_TRUE(store.lock() && other);
  auto held = store.lock_files();
  ASSERT_TRUE(held);
  EXPECT_TRUE(other->has_writer());
  const pid_t child = fork();
  if (child == 0) {
    alarm(1);
    _exit(other->lock_files() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it waits";
  held->reset();
  EXPECT_TRUE(other->lock_files());
}

}  // namespace
}  // namespace logfmt
