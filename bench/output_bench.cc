// What it costs to print an entry, without reading or writing it.
//
// BM_Output_Short, BM_Output_Json, BM_Output_Export: entries as a web app's
// log has them, 100 bytes of message, ten trusted fields, four contexts in
// turn, a few hundred entries a second. BM_Output_ShortTerminal: the same,
// escaped. The time of an iteration is that of one entry.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "query/output.h"

namespace logq {
namespace {

constexpr size_t kContexts = 4;
constexpr size_t kEntries = 4096;
constexpr uint64_t kFirstUs = 1795326238'760597;
constexpr size_t kBufferBytes = 64 << 10;

class Entries {
 public:
  Entries() {
    for (size_t i = 0; i < kContexts; ++i) contexts_[i] = context_of(i);
    for (size_t i = 0; i < kEntries; ++i) payloads_.push_back(payload_of(i));
    for (size_t i = 0; i < kEntries; ++i) {
      logfmt::EntryView view;
      view.seq = i;
      view.realtime_us = kFirstUs + i * 3'000;
      view.monotonic_us = 1'113'025'434 + i * 3'000;
      view.priority = 6;
      view.pid = 26'899;
      view.context = logfmt::FieldList(contexts_[i % kContexts]);
      view.payload = logfmt::FieldList(payloads_[i]);
      views_.push_back(view);
    }
  }

  const logfmt::EntryView& at(size_t i) const { return views_[i % kEntries]; }

 private:
  static std::string context_of(size_t i) {
    std::string list;
    const std::string number = std::to_string(i);
    const auto add = [&list](std::string_view name, std::string_view value) {
      logfmt::append_field(list, name, value);
    };
    add("_TRANSPORT", "stdout");
    add("SYSLOG_IDENTIFIER", "web" + number);
    add("_SYSTEMD_UNIT", "web" + number + ".service");
    add("_UID", "1000");
    add("_GID", "1000");
    add("_COMM", "python3");
    add("_EXE", "/usr/bin/python3.11");
    add("_CMDLINE", "/usr/bin/python3 -m web --port 800" + number);
    add("_HOSTNAME", "vm");
    add("_STREAM_ID", "b20b8ebeb75447d387ae81d9b5e23fc" + number);
    return list;
  }
  static std::string payload_of(size_t i) {
    std::string list;
    logfmt::append_field(
        list, "MESSAGE",
        "GET /api/v1/items/" + std::to_string(100'000 + i) +
            "?page=2&sort=asc HTTP/1.1 200 5123 0.023 host=10.0.0.7 "
            "agent=Mozilla/5.0");
    return list;
  }

  std::array<std::string, kContexts> contexts_;
  std::vector<std::string> payloads_;
  std::vector<logfmt::EntryView> views_;
};

void print_entries(benchmark::State& state, const OutputOptions& options,
                   std::string_view expected_part) {
  const Entries entries;
  const auto printer = make_printer(options);
  std::string out;
  printer->print({entries.at(1), {}}, out);
  if (out.find(expected_part) == out.npos) {
    state.SkipWithError("the printed entry is not the expected one");
    return;
  }
  size_t bytes = 0;
  size_t next = 0;
  for ([[maybe_unused]] auto _ : state) {
    printer->print({entries.at(next++), {}}, out);
    if (out.size() >= kBufferBytes) {
      bytes += out.size();
      out.clear();
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void BM_Output_Short(benchmark::State& state) {
  print_entries(state, {.format = OutputFormat::kShort, .utc = true},
                "Nov 22 05:43:58 vm web1[26899]: GET /api/v1/items/100001?");
}
BENCHMARK(BM_Output_Short);

void BM_Output_ShortTerminal(benchmark::State& state) {
  print_entries(state,
                {.format = OutputFormat::kShort,
                 .text = {.terminal = true, .color = true},
                 .utc = true},
                "Nov 22 05:43:58 vm web1[26899]: GET /api/v1/items/100001?");
}
BENCHMARK(BM_Output_ShortTerminal);

void BM_Output_Json(benchmark::State& state) {
  print_entries(state, {.format = OutputFormat::kJson},
                R"("SYSLOG_IDENTIFIER":"web1","_SYSTEMD_UNIT":"web1.service")");
}
BENCHMARK(BM_Output_Json);

void BM_Output_Export(benchmark::State& state) {
  print_entries(state, {.format = OutputFormat::kExport},
                "\nSYSLOG_IDENTIFIER=web1\n_SYSTEMD_UNIT=web1.service\n");
}
BENCHMARK(BM_Output_Export);

}  // namespace
}  // namespace logq

BENCHMARK_MAIN();
