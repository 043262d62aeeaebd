// What it costs to decide the rows of one block, through the whole search of
// a store that has no other. items_per_second are the rows of the block, found
// or not.
//
//   BM_Scan_Identifier   one service of seven; its columns decide
//   BM_Scan_Priority     err and worse; likewise
//   BM_Scan_AbsentWord   a word that no message has
//   BM_Scan_FixedWord    a word that all messages of one service have
//   BM_Scan_Address      an address that few messages have
//   BM_Scan_Regex        an expression with a fixed word
//   BM_Scan_BareRegex    an expression without any
//   BM_Scan_All          every row
//
// What a scan finds is counted from the messages before it is timed.
#include "bench/made_store.h"

namespace logbench {
namespace {

constexpr uint64_t kRows = 16384;

const MadeStore& one_block() {
  static const MadeStore made(kRows);
  return made;
}

// The engine has threads of its own.
void whole_process(benchmark::internal::Benchmark* bench) {
  bench->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMicrosecond);
}

void scan_text(benchmark::State& state, std::string pattern,
               const Expected& expected) {
  logq::Query query;
  query.text.include = {std::move(pattern)};
  query.text.case_sensitive = true;
  time_search(state, one_block(), query, expected);
}

Expected has(std::string_view word) {
  return [word](const MadeEntry& entry) {
    return entry.message().find(word) != std::string_view::npos;
  };
}

void BM_Scan_Identifier(benchmark::State& state) {
  logq::Query query;
  query.identifiers.include = {"worker"};
  time_search(state, one_block(), query, [](const MadeEntry& entry) {
    return logfmt::FieldList(entry.context).find("SYSLOG_IDENTIFIER") ==
           "worker";
  });
}
BENCHMARK(BM_Scan_Identifier)->Apply(whole_process);

void BM_Scan_Priority(benchmark::State& state) {
  logq::Query query;
  query.priority_mask = 0x0F;
  time_search(state, one_block(), query,
              [](const MadeEntry& entry) { return entry.priority <= 3; });
}
BENCHMARK(BM_Scan_Priority)->Apply(whole_process);

void BM_Scan_AbsentWord(benchmark::State& state) {
  scan_text(state, "segfault", has("segfault"));
}
BENCHMARK(BM_Scan_AbsentWord)->Apply(whole_process);

void BM_Scan_FixedWord(benchmark::State& state) {
  scan_text(state, "finished", has("finished"));
}
BENCHMARK(BM_Scan_FixedWord)->Apply(whole_process);

void BM_Scan_Address(benchmark::State& state) {
  scan_text(state, "203\\.0\\.113\\.77 ", has("203.0.113.77 "));
}
BENCHMARK(BM_Scan_Address)->Apply(whole_process);

void BM_Scan_Regex(benchmark::State& state) {
  scan_text(state, "invalid user (admin|root)", has("invalid user admin"));
}
BENCHMARK(BM_Scan_Regex)->Apply(whole_process);

void BM_Scan_BareRegex(benchmark::State& state) {
  scan_text(state, "[4-5]th|(ad|or)(m|a)(i|c)", [](const MadeEntry& entry) {
    return has("admi")(entry) || has("orac")(entry);
  });
}
BENCHMARK(BM_Scan_BareRegex)->Apply(whole_process);

void BM_Scan_All(benchmark::State& state) {
  time_search(state, one_block(), {}, [](const MadeEntry&) { return true; });
}
BENCHMARK(BM_Scan_All)->Apply(whole_process);

}  // namespace
}  // namespace logbench

BENCHMARK_MAIN();
