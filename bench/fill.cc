// Fills a store with the entries of a corpus, and prints what it cost.
//
//   fill --store DIR --corpus FILE [--tagged|--export] [--entries N]
//        [--level L] [--rate R] [--whole-seconds] [--numbered]
//        [--rare IDENTIFIER] [--segment-blocks N] [--text FILE]
//
// The corpus is a file of lines, of IDENTIFIER <tab> PRIORITY <tab> MESSAGE
// (--tagged), or a journal in systemd's export format (--export), whose
// entries keep their own stamps. Stamps are those of bursty arrivals at --rate
// a second (arrival_clock.h). With --text the same entries are written as a
// text log too. Prints one line of JSON; encode_cpu_s is the processor time
// from rows to the bytes of blocks, without making the entries and without
// writing the bytes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "bench/corpus_source.h"
#include "bench/export_source.h"
#include "bench/store_fill.h"
#include "bench/text_log.h"

namespace logbench {
namespace {

constexpr size_t kBatchEntries = 4096;

struct Options {
  std::string store{};
  std::string text{};
  bool journal_export = false;
  int level = StoreFill::kDaemonLevel;
  size_t segment_blocks = logfmt::kBlocksPerSegmentMax;
  CorpusOptions corpus{};
};

template <class Source>
logfmt::Result<std::unique_ptr<EntrySource>> owned(
    logfmt::Result<Source> source) {
  if (!source) return logfmt::fail(std::move(source.error()));
  return std::make_unique<Source>(std::move(*source));
}

logfmt::Result<std::unique_ptr<EntrySource>> open_source(
    const Options& options) {
  return options.journal_export ? owned(ExportSource::open(options.corpus.path))
                                : owned(CorpusSource::open(options.corpus));
}

logfmt::Result<FillTotals> fill(const Options& options) {
  auto source = open_source(options);
  if (!source) return logfmt::fail(std::move(source.error()));
  auto store = StoreFill::create(options.store, options.level);
  if (!store) return logfmt::fail(std::move(store.error()));
  (*store)->set_segment_blocks(options.segment_blocks);
  std::optional<TextLog> text;
  if (!options.text.empty()) {
    auto log = TextLog::create(options.text);
    if (!log) return logfmt::fail(std::move(log.error()));
    text.emplace(std::move(*log));
  }
  std::vector<MadeEntry> batch(kBatchEntries);
  size_t count = 0;
  do {
    for (count = 0; count < batch.size(); ++count) {
      if (!(*source)->next(batch[count])) break;
      if (text) text->add(batch[count]);
    }
    LOGD_RETURN_IF_ERROR((*store)->add({batch.data(), count}));
  } while (count == batch.size());
  LOGD_RETURN_IF_ERROR((*store)->finish());
  if (text) LOGD_RETURN_IF_ERROR(text->finish());
  return (*store)->totals();
}

void print(const FillTotals& totals) {
  fmt::print(
      "{{\"entries\": {}, \"message_bytes\": {}, \"first_us\": {}, "
      "\"last_us\": {}, \"blocks\": {}, \"encode_cpu_s\": {:.3f}}}\n",
      totals.entries, totals.message_bytes, totals.first_us, totals.last_us,
      totals.blocks, totals.encode_cpu_s);
}

void declare(CLI::App& app, Options& options) {
  CorpusOptions& corpus = options.corpus;
  app.add_option("--store", options.store, "an empty directory")->required();
  app.add_option("--corpus", corpus.path)->required();
  auto* tagged = app.add_flag("--tagged", corpus.tagged);
  app.add_flag("--export", options.journal_export)->excludes(tagged);
  app.add_option("--entries", corpus.entries, "0: those of one pass");
  app.add_option("--level", options.level, "of zstd")->check(CLI::Range(1, 19));
  app.add_option("--rate", corpus.per_second, "entries per second")
      ->check(CLI::PositiveNumber);
  app.add_flag("--whole-seconds", corpus.whole_seconds,
               "stamps without microseconds");
  app.add_flag("--numbered", corpus.numbered,
               "messages end in their number, as loadgen's do");
  app.add_option("--rare", corpus.rare_identifier,
                 "identifier of one entry in the middle");
  app.add_option("--segment-blocks", options.segment_blocks,
                 "blocks of a segment, where segments are to be small")
      ->check(CLI::Range(size_t{1}, logfmt::kBlocksPerSegmentMax));
  app.add_option("--text", options.text, "the same entries as a text log");
}

}  // namespace
}  // namespace logbench

int main(int argc, char** argv) {
  logbench::Options options;
  CLI::App app("Fills a store with the entries of a corpus.", "fill");
  logbench::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  const auto totals = logbench::fill(options);
  if (!totals) {
    fmt::print(stderr, "fill: {}\n", totals.error().message());
    return 1;
  }
  logbench::print(*totals);
  return 0;
}
