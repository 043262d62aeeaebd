// Time per message of the intake parsers, once warm.
//
//   BM_ParseSyslog     what syslog(3) sends; from a router; RFC 5424
//   BM_ParseNative     what sd_journal_send() sends for one line of text
//   BM_SplitStream     64 KiB of lines of a bot's standard output
#include <benchmark/benchmark.h>

#include "logd/intake/native_parser.h"
#include "logd/intake/stream_line.h"
#include "logd/intake/syslog_parser.h"

namespace logd {
namespace {

constexpr SyslogContext kContext{.receive_time_us = 1'796'040'000'000'000};

void BM_ParseSyslog(benchmark::State& state, std::string_view text,
                    SyslogForm form, std::string_view identifier) {
  Message message;
  parse_syslog(text, form, kContext, message);
  if (message.identifier != identifier || !message.stamp_us) {
    state.SkipWithError("the message is not read as it should be");
  }
  for (auto _ : state) {
    parse_syslog(text, form, kContext, message);
    benchmark::DoNotOptimize(message.fields.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(text.size()));
}
BENCHMARK_CAPTURE(BM_ParseSyslog, Local,
                  "<30>Nov 22 05:42:46 bot[4242]: GET /api/orders/1188 took "
                  "12 ms, 200, 5312 bytes to 192.0.2.17",
                  SyslogForm::kLocal, "bot");
BENCHMARK_CAPTURE(BM_ParseSyslog, Network,
                  "<30>Nov 22 05:42:46 web-1 bot[4242]: GET /api/orders/1188 "
                  "took 12 ms, 200, 5312 bytes to 192.0.2.17",
                  SyslogForm::kNetwork, "bot");
BENCHMARK_CAPTURE(BM_ParseSyslog, Rfc5424,
                  "<30>1 2026-11-22T05:42:46.123456+01:00 web-1 bot 4242 - "
                  "[timeQuality tzKnown=\"1\" isSynced=\"1\"] GET "
                  "/api/orders/1188 took 12 ms, 200, 5312 bytes",
                  SyslogForm::kLocal, "bot");

void BM_ParseNative(benchmark::State& state) {
  constexpr std::string_view kDatagram =
      "MESSAGE=GET /api/orders/1188 took 12 ms, 200, 5312 bytes\n"
      "PRIORITY=6\nCODE_FILE=src/orders.c\nCODE_LINE=118\n"
      "CODE_FUNC=handle_order\nSYSLOG_IDENTIFIER=bot\n";
  NativeCounters counters;
  Message message;
  const auto parse = [&] {
    NativeParser parser(kDatagram, counters);
    bool found = false;
    while (parser.next(message)) {
      found = message.priority == 6 && message.fields.size() == 4;
      benchmark::DoNotOptimize(message.fields.data());
    }
    return found;
  };
  if (!parse()) state.SkipWithError("the entry is not read as it should be");
  for (auto _ : state) parse();
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(kDatagram.size()));
}
BENCHMARK(BM_ParseNative);

void BM_SplitStream(benchmark::State& state) {
  constexpr std::string_view kLine =
      "<6>2026-11-22 05:42:46,118 INFO orders: 1188 confirmed in 12 ms\n";
  constexpr int64_t kLines = 1000;
  std::string chunk;
  for (int64_t i = 0; i < kLines; ++i) chunk += kLine;
  const StreamHeader header{.identifier = "bot"};
  LineSplitter splitter;
  Message message;
  int64_t lines = 0;
  const auto split = [&] {
    splitter.feed(chunk, [&](std::string_view line, LineBreak reason) {
      lines += parse_stream_line(line, reason, header, message);
    });
  };
  split();
  if (lines != kLines) state.SkipWithError("lines are missing");
  for (auto _ : state) split();
  state.SetItemsProcessed(state.iterations() * kLines);
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(chunk.size()));
}
BENCHMARK(BM_SplitStream);

}  // namespace
}  // namespace logd

BENCHMARK_MAIN();
