// Queries over stores of many blocks, without a process and without printing.
// The argument is the number of entries: where a footer or the end of the
// store decides, the time must not grow with it, apart from that of the last
// block, which may be fuller.
//
//   BM_Query_Newest       the newest ten
//   BM_Query_NewestOf     the newest ten of one service
//   BM_Query_Window       one second in the middle
//   BM_Query_Priority     err and worse
//   BM_Query_AbsentWord   a word that no message has
//   BM_Query_AbsentUnit   a unit that the store does not have
//   BM_Query_Identifiers  all identifiers
#include "bench/made_store.h"
#include "query/engine/field_values.h"

namespace logbench {
namespace {

constexpr int64_t kFew = 200'000;
constexpr int64_t kMany = 1'000'000;
constexpr uint64_t kNewest = 10;
constexpr size_t kServices = 7;

// Each size is made once.
const MadeStore& store_of(const benchmark::State& state) {
  static const MadeStore few(kFew);
  if (state.range(0) == kFew) return few;
  static const MadeStore many(kMany);
  return many;
}

bool anything(const MadeEntry&) { return true; }
bool nothing(const MadeEntry&) { return false; }

void BM_Query_Newest(benchmark::State& state) {
  logq::Query query;
  query.limit = kNewest;
  time_search(state, store_of(state), query, anything);
}

void BM_Query_NewestOf(benchmark::State& state) {
  logq::Query query;
  query.limit = kNewest;
  query.identifiers.include = {"cron"};
  time_search(state, store_of(state), query, anything);
}

void BM_Query_Window(benchmark::State& state) {
  logq::Query query;
  query.since_us = kMadeStartUs + 10'000'000;
  query.until_us = query.since_us + 999'999;
  time_search(state, store_of(state), query, [&](const MadeEntry& entry) {
    return entry.realtime_us >= query.since_us &&
           entry.realtime_us <= query.until_us;
  });
}

void BM_Query_Priority(benchmark::State& state) {
  logq::Query query;
  query.priority_mask = 0x0F;
  time_search(state, store_of(state), query,
              [](const MadeEntry& entry) { return entry.priority <= 3; });
}

void BM_Query_AbsentWord(benchmark::State& state) {
  logq::Query query;
  query.text.include = {"segfault"};
  time_search(state, store_of(state), query, nothing);
}

void BM_Query_AbsentUnit(benchmark::State& state) {
  logq::Query query;
  query.units.include = {"absent.service"};
  time_search(state, store_of(state), query, nothing);
}

void BM_Query_Identifiers(benchmark::State& state) {
  const auto count = [&] {
    logq::DistinctValues found;
    const auto status = logq::collect_values(store_of(state).store(),
                                             logfmt::field::kIdentifier, found);
    return status ? found.values.size() : 0;
  };
  if (count() != kServices) return state.SkipWithError("not all are found");
  for (auto _ : state) benchmark::DoNotOptimize(count());
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(kFew)->Arg(kMany)->Unit(benchmark::kMicrosecond);
  bench->MeasureProcessCPUTime()->UseRealTime();  // the engine has threads
}
BENCHMARK(BM_Query_Newest)->Apply(sizes);
BENCHMARK(BM_Query_NewestOf)->Apply(sizes);
BENCHMARK(BM_Query_Window)->Apply(sizes);
BENCHMARK(BM_Query_Priority)->Apply(sizes);
BENCHMARK(BM_Query_AbsentWord)->Apply(sizes);
BENCHMARK(BM_Query_AbsentUnit)->Apply(sizes);
BENCHMARK(BM_Query_Identifiers)->Apply(sizes);

}  // namespace
}  // namespace logbench

BENCHMARK_MAIN();
