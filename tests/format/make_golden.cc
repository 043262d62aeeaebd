// Writes the golden store of this format version into an empty directory, and
// beside it in entries.txt what was put in:
//   make_golden tests/testdata/golden_v1
// Numbers and times are fixed; the bytes depend on the zstd version only.
#include <cstdio>
#include <filesystem>

#include "format/checksum.h"
#include "format/segment_writer.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt::testing {
namespace {

constexpr uint64_t kNow = 1'700'000'000'000'000;

// Plain entries, and among them what a store may hold besides.
std::vector<Sample> golden_run(uint64_t first_seq, size_t count) {
  auto run = plain_run(first_seq, count);
  for (Sample& entry : run) entry.boot = kBoot;
  run[1].payload = fields({{"MESSAGE", std::string("nul \0 and \x01", 11)},
                           {"CODE_LINE", "7"},
                           {"CODE_LINE", "8"}});
  run[2].payload = fields({{"MESSAGE", "no priority, no pid, \xff\xfe"}});
  run[2].priority = kNoPriority;
  run[2].pid = 0;
  run[3].payload.clear();
  run[4].context.clear();
  run[5].realtime_us -= 3'600'000'000;
  return run;
}

std::string write_segment(const StoreDir& store, uint64_t first_seq,
                          bool seal) {
  std::string text = segment_name(first_seq) + (seal ? " closed\n" : " open\n");
  auto writer = SegmentWriter::create(store, first_seq, kNow);
  BlockBuilder builder(checksum_seed(store.id()));
  bool good = writer.has_value();
  for (uint64_t i = 0; good && i < 2; ++i) {
    auto rows = golden_run(first_seq + i * 50, 50);
    // The second block begins in one boot and ends in another.
    if (i == 1) {
      for (size_t row = 20; row < 50; ++row) rows[row].boot = id_of(0xB1);
    }
    for (const Sample& row : rows) builder.add(row.view());
    text += listing(rows);
    good = writer->append(builder.finish(6)).has_value();
  }
  if (good && seal) good = writer->seal().has_value();
  if (!good) std::fputs("the segment could not be written\n", stderr);
  return text;
}

std::string write_wal(const StoreDir& store, uint64_t first_seq, bool close) {
  std::string text = wal_name(first_seq) + (close ? " closed\n" : " open\n");
  WalMaker wal(store, first_seq);
  for (uint64_t i = 0; i < 4; ++i) {
    if (i == 2) wal.start_epoch();
    auto rows = golden_run(first_seq + i * 6, 6);
    // One clock offset a frame: the step becomes one of both clocks.
    rows[5].monotonic_us -= 3'600'000'000;
    wal.append(rows);
    text += listing(rows);
  }
  if (close) wal.close();
  return text;
}

}  // namespace
}  // namespace logfmt::testing

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_golden DIRECTORY\n", stderr);
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  const std::string directory = argv[1];
  const auto store = logfmt::testing::make_store(directory);
  logfmt::testing::write_whole(
      directory + "/entries.txt",
      logfmt::testing::write_segment(store, 1, true) +
          logfmt::testing::write_segment(store, 101, false) +
          logfmt::testing::write_wal(store, 201, true) +
          logfmt::testing::write_wal(store, 225, false));
  return 0;
}
