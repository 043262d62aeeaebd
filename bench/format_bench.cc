// The cost of the store's bytes, in rows of a web server's shape.
//
//   BM_FrameBuilder        rows into WAL frames of 64
//   BM_WalReader           a WAL of 64 Ki rows, from open to the last row
//   BM_BlockBuilder/level  rows into a block, compressed at that zstd level
//   BM_BlockOpen           the columns of a block of 16 Ki rows
//   BM_BlockLoad           its columns and its text
#include <benchmark/benchmark.h>
#include <fcntl.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "format/block_builder.h"
#include "format/block_reader.h"
#include "format/checksum.h"
#include "format/wal_reader.h"
#include "format/wal_writer.h"

namespace {

constexpr size_t kFrameRows = 64;
constexpr size_t kBlockRows = 16384;
constexpr size_t kUnits = 8;

struct Rows {
  std::vector<std::string> contexts;
  std::vector<std::string> messages;
  size_t message_bytes = 0;
};

const Rows& rows() {
  static const Rows made = [] {
    std::mt19937_64 random(1);
    Rows result;
    for (size_t i = 0; i < kUnits; ++i) {
      const std::string unit = "web-" + std::to_string(i);
      std::string context;
      logfmt::append_field(context, "_SYSTEMD_UNIT", unit);
      logfmt::append_field(context, "SYSLOG_IDENTIFIER", unit);
      logfmt::append_field(context, "_EXE", "/usr/bin/" + unit);
      result.contexts.push_back(context);
    }
    for (size_t i = 0; i < kBlockRows; ++i) {
      result.messages.push_back(
          "10.0." + std::to_string(random() % 256) + "." +
          std::to_string(random() % 256) + " GET /api/items/" +
          std::to_string(random() % 100'000) + " 200 " +
          std::to_string(random() % 50'000) + " bytes in " +
          std::to_string(random() % 900) + " ms");
      result.message_bytes += result.messages.back().size();
    }
    return result;
  }();
  return made;
}

void add_row(logfmt::FrameBuilder& builder,
             std::vector<logfmt::WalContext>& contexts, size_t row) {
  builder.begin_row(
      contexts[row % kUnits],
      {.realtime_us = 1'700'000'000'000'000 + row, .pid = 100, .priority = 6});
  builder.add_field("MESSAGE", rows().messages[row % kBlockRows]);
  builder.end_row();
}

std::vector<logfmt::WalContext> wal_contexts() {
  std::vector<logfmt::WalContext> contexts(kUnits);
  for (size_t i = 0; i < kUnits; ++i) contexts[i].fields = rows().contexts[i];
  return contexts;
}

void BM_FrameBuilder(benchmark::State& state) {
  auto contexts = wal_contexts();
  logfmt::FrameBuilder builder(1);
  int64_t bytes = 0;
  size_t row = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < kFrameRows; ++i) add_row(builder, contexts, row++);
    const auto frame = builder.finish({.first_seq = row});
    if (const auto header = logfmt::decode_frame_header(frame, 1);
        !header || header->rows != kFrameRows) {
      state.SkipWithError("a frame does not hold its rows");
    }
    bytes += static_cast<int64_t>(frame.size());
    builder.clear();
  }
  state.SetItemsProcessed(state.iterations() * int64_t{kFrameRows});
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_FrameBuilder);

class Directory {
 public:
  Directory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "format-bench-XXXXXX");
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    fd_ = logfmt::Fd(open(path_.c_str(), O_RDONLY | O_DIRECTORY));
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  int fd() const { return fd_.get(); }

 private:
  std::string path_;
  logfmt::Fd fd_;
};

void BM_WalReader(benchmark::State& state) {
  constexpr size_t kRows = 65536;
  const Directory dir;
  const logfmt::Id128 store = logfmt::Id128::random();
  auto wal = logfmt::WalWriter::create(
      dir.fd(), {.magic = logfmt::kWalMagic, .store = store, .first_seq = 0});
  if (!wal) return state.SkipWithError(wal.error().message().c_str());
  auto contexts = wal_contexts();
  logfmt::FrameBuilder builder(logfmt::checksum_seed(store));
  for (size_t row = 0; row < kRows; row += kFrameRows) {
    for (size_t i = 0; i < kFrameRows; ++i) add_row(builder, contexts, row + i);
    const auto status = wal->append(builder.finish({.first_seq = row}));
    if (!status) return state.SkipWithError(status.error().message().c_str());
    builder.clear();
  }
  for (auto _ : state) {
    auto reader = logfmt::WalReader::open(dir.fd(), wal->name(), store);
    size_t count = 0;
    logfmt::EntryView entry;
    if (reader && reader->refresh()) {
      while (reader->next(entry)) ++count;
    }
    if (count != kRows) state.SkipWithError("rows are missing");
  }
  state.SetItemsProcessed(state.iterations() * int64_t{kRows});
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(wal->bytes()));
}
BENCHMARK(BM_WalReader)->Unit(benchmark::kMillisecond);

logfmt::EncodedBlock build_block(logfmt::BlockBuilder& builder, int level) {
  static const std::vector<std::string> payloads = [] {
    std::vector<std::string> made(kBlockRows);
    for (size_t i = 0; i < kBlockRows; ++i) {
      logfmt::append_field(made[i], "MESSAGE", rows().messages[i]);
    }
    return made;
  }();
  for (size_t row = 0; row < kBlockRows; ++row) {
    const uint64_t now_us = 1'700'000'000'000'000 + row * 150;
    builder.add({.seq = row,
                 .realtime_us = now_us,
                 .monotonic_us = now_us - 1'600'000'000'000'000,
                 .priority = 6,
                 .pid = 100,
                 .context = logfmt::FieldList(rows().contexts[row % kUnits]),
                 .payload = logfmt::FieldList(payloads[row])});
  }
  return builder.finish(level);
}

void BM_BlockBuilder(benchmark::State& state) {
  logfmt::BlockBuilder builder(1);
  size_t stored = 0;
  for (auto _ : state) {
    const auto block = build_block(builder, static_cast<int>(state.range(0)));
    if (block.header.rows != kBlockRows) state.SkipWithError("rows are lost");
    stored = block.bytes.size();
  }
  state.SetItemsProcessed(state.iterations() * int64_t{kBlockRows});
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(rows().message_bytes));
  state.counters["bytes_per_row"] =
      static_cast<double>(stored) / static_cast<double>(kBlockRows);
}
BENCHMARK(BM_BlockBuilder)
    ->Arg(1)
    ->Arg(3)
    ->Arg(6)
    ->Arg(9)
    ->Unit(benchmark::kMillisecond);

void read_block(benchmark::State& state, bool load) {
  const Directory dir;
  logfmt::BlockBuilder builder(1);
  const auto block = build_block(builder, 6);
  const auto file = logfmt::open_at(dir.fd(), "block", O_RDWR | O_CREAT);
  if (!file || !logfmt::pwrite_all(file->get(), 0, block.bytes)) {
    return state.SkipWithError("the block could not be written");
  }
  for (auto _ : state) {
    auto reader = logfmt::BlockReader::open(file->get(), 0, block.header, 1);
    if (!reader || (load && !reader->load_payloads()) ||
        reader->seq(kBlockRows - 1) != kBlockRows - 1) {
      state.SkipWithError("the block is not what was written");
      break;
    }
    if (load &&
        reader->entry(7).payload.find("MESSAGE") != rows().messages[7]) {
      state.SkipWithError("a message is not what was written");
    }
  }
  state.SetItemsProcessed(state.iterations() * int64_t{kBlockRows});
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(rows().message_bytes));
}

void BM_BlockOpen(benchmark::State& state) { read_block(state, false); }
BENCHMARK(BM_BlockOpen)->Unit(benchmark::kMicrosecond);
void BM_BlockLoad(benchmark::State& state) { read_block(state, true); }
BENCHMARK(BM_BlockLoad)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
