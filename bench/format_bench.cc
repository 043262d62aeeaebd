// The cost of the tail, in rows of a web server's shape.
//
//   BM_FrameBuilder  rows into WAL frames of 64
//   BM_WalReader     a WAL of 64 Ki rows, from open to the last row
#include <benchmark/benchmark.h>
#include <fcntl.h>

#include <random>

#include "format/checksum.h"
#include "format/wal_reader.h"
#include "format/wal_writer.h"
#include "tests/format/testing/temp_dir.h"

namespace {

constexpr size_t kFrameRows = 64;
constexpr size_t kMessages = 16384;
constexpr size_t kUnits = 8;

struct Rows {
  std::vector<std::string> contexts;
  std::vector<std::string> messages;
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
    for (size_t i = 0; i < kMessages; ++i) {
      result.messages.push_back(
          "10.0." + std::to_string(random() % 256) + "." +
          std::to_string(random() % 256) + " GET /api/items/" +
          std::to_string(random() % 100'000) + " 200 " +
          std::to_string(random() % 50'000) + " bytes in " +
          std::to_string(random() % 900) + " ms");
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
  builder.add_field("MESSAGE", rows().messages[row % kMessages]);
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

void BM_WalReader(benchmark::State& state) {
  constexpr size_t kRows = 65536;
  const logfmt::testing::TempDir dir;
  const logfmt::Fd dir_fd(open(dir.path().c_str(), O_RDONLY | O_DIRECTORY));
  const logfmt::Id128 store = logfmt::Id128::random();
  auto wal = logfmt::WalWriter::create(
      dir_fd.get(),
      {.magic = logfmt::kWalMagic, .store = store, .first_seq = 0});
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
    auto reader = logfmt::WalReader::open(dir_fd.get(), wal->name(), store);
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

}  // namespace

BENCHMARK_MAIN();
