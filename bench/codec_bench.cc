// The cost of a block, in rows of seven services (sample_text.h). Bytes are
// those of the messages; bytes_per_row is what a block takes in its file.
//
//   BM_Block_Encode/level  rows to a block, compressed at that zstd level
//   BM_Block_Open          a block's columns, which decide most queries
//   BM_Block_Load          its columns and its text
//   BM_Block_Entries       all that, and every entry of it
//
// Every entry of a block is compared with the row it was made of before any
// time is taken.
#include <benchmark/benchmark.h>
#include <fcntl.h>

#include "bench/sample_source.h"
#include "format/block_builder.h"
#include "format/block_reader.h"
#include "format/file.h"
#include "tests/format/testing/temp_dir.h"

namespace {

using logbench::MadeEntry;

constexpr size_t kRows = 16384;
constexpr int kLevel = 6;
constexpr uint64_t kSeed = 1;

const std::vector<MadeEntry>& rows() {
  static logbench::SampleSource source(kSeed);
  static const std::vector<MadeEntry> made = source.take(kRows);
  return made;
}

int64_t message_bytes() {
  size_t bytes = 0;
  for (const MadeEntry& row : rows()) bytes += row.message().size();
  return static_cast<int64_t>(bytes);
}

logfmt::EncodedBlock encode(logfmt::BlockBuilder& builder, int level) {
  uint64_t seq = 1;
  for (const MadeEntry& row : rows()) builder.add(row.view(seq++));
  return builder.finish(level);
}

bool same(const logfmt::EntryView& a, const logfmt::EntryView& b) {
  return a.seq == b.seq && a.boot_id == b.boot_id &&
         a.realtime_us == b.realtime_us && a.monotonic_us == b.monotonic_us &&
         a.priority == b.priority && a.pid == b.pid &&
         a.context.encoded() == b.context.encoded() &&
         a.payload.encoded() == b.payload.encoded();
}

// A block in a file of its own.
class BlockFile {
 public:
  explicit BlockFile(const logfmt::EncodedBlock& block)
      : header_(block.header),
        bytes_(block.bytes.size()),
        path_(dir_ / "block") {
    logfmt::testing::write_whole(path_, block.bytes);
    file_.reset(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  }

  logfmt::Result<logfmt::BlockReader> open_block() const {
    return logfmt::BlockReader::open(file_.get(), 0, header_, kSeed);
  }
  size_t bytes() const { return bytes_; }

  // Whether it gives back every row.
  bool round_trip() const {
    auto reader = open_block();
    if (!reader || !reader->load_payloads() || reader->rows() != kRows) {
      return false;
    }
    for (size_t row = 0; row < kRows; ++row) {
      if (!same(reader->entry(row), rows()[row].view(row + 1))) return false;
    }
    return true;
  }

 private:
  logfmt::testing::TempDir dir_;
  logfmt::BlockHeader header_;
  size_t bytes_;
  std::string path_;
  logfmt::Fd file_;
};

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * int64_t{kRows});
  state.SetBytesProcessed(state.iterations() * message_bytes());
}

void BM_Block_Encode(benchmark::State& state) {
  const int level = static_cast<int>(state.range(0));
  logfmt::BlockBuilder builder(kSeed);
  const BlockFile file(encode(builder, level));
  if (!file.round_trip()) return state.SkipWithError("rows are not the same");
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode(builder, level).bytes.data());
  }
  count(state);
  state.counters["bytes_per_row"] =
      static_cast<double>(file.bytes()) / static_cast<double>(kRows);
}
BENCHMARK(BM_Block_Encode)
    ->Arg(1)
    ->Arg(3)
    ->Arg(6)
    ->Arg(9)
    ->Arg(19)
    ->Unit(benchmark::kMillisecond);

template <class Read>
void read_block(benchmark::State& state, Read read) {
  logfmt::BlockBuilder builder(kSeed);
  const BlockFile file(encode(builder, kLevel));
  if (!file.round_trip()) return state.SkipWithError("rows are not the same");
  for (auto _ : state) {
    auto reader = file.open_block();
    if (!reader || !read(*reader)) return state.SkipWithError("not readable");
  }
  count(state);
}

void BM_Block_Open(benchmark::State& state) {
  read_block(state, [](logfmt::BlockReader&) { return true; });
}
BENCHMARK(BM_Block_Open)->Unit(benchmark::kMicrosecond);

void BM_Block_Load(benchmark::State& state) {
  read_block(state, [](logfmt::BlockReader& reader) {
    return reader.load_payloads().has_value();
  });
}
BENCHMARK(BM_Block_Load)->Unit(benchmark::kMicrosecond);

void BM_Block_Entries(benchmark::State& state) {
  read_block(state, [](logfmt::BlockReader& reader) {
    if (!reader.load_payloads()) return false;
    for (size_t row = 0; row < reader.rows(); ++row) {
      benchmark::DoNotOptimize(reader.entry(row).payload.encoded().size());
    }
    return true;
  });
}
BENCHMARK(BM_Block_Entries)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
