#include "bench/made_store.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bench/sample_source.h"
#include "bench/store_fill.h"
#include "query/engine/search.h"

namespace logbench {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint64_t kBatch = 4096;

template <class T>
T or_die(logfmt::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message().c_str());
  std::exit(1);
}

logfmt::Status fill(StoreFill& fill, uint64_t entries) {
  SampleSource source(kSeed);
  for (uint64_t done = 0; done < entries; done += kBatch) {
    const auto batch = source.take(std::min(kBatch, entries - done));
    LOGD_RETURN_IF_ERROR(fill.add(batch));
  }
  return fill.finish();
}

// The number of matches; nothing where the search met damage.
std::optional<uint64_t> search(const MadeStore& made,
                               const logq::Query& query) {
  auto search = logq::Search::open({&made.store(), 1}, query);
  if (!search) return std::nullopt;
  uint64_t matches = 0;
  for (logq::Match match; search->next(match);) ++matches;
  if (!search->take_gaps().empty()) return std::nullopt;
  return matches;
}

}  // namespace

MadeStore::MadeStore(uint64_t entries) : entries_(entries) {
  {
    auto filler =
        or_die(StoreFill::create(dir_.path(), StoreFill::kDaemonLevel));
    if (const auto status = fill(*filler, entries); !status) {
      std::fprintf(stderr, "%s\n", status.error().message().c_str());
      std::exit(1);
    }
  }
  store_.emplace(or_die(logfmt::StoreDir::open(dir_.path())));
}

uint64_t MadeStore::count(const Expected& expected) const {
  SampleSource source(kSeed);
  uint64_t matches = 0;
  MadeEntry entry;
  for (uint64_t i = 0; i < entries_; ++i) {
    (void)source.next(entry);
    matches += expected(entry) ? 1 : 0;
  }
  return matches;
}

void time_search(benchmark::State& state, const MadeStore& made,
                 const logq::Query& query, const Expected& expected) {
  uint64_t matches = made.count(expected);
  if (query.limit) matches = std::min(matches, *query.limit);
  if (search(made, query) != matches) {
    return state.SkipWithError("the search does not find what is there");
  }
  for (auto _ : state) benchmark::DoNotOptimize(search(made, query));
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(made.entries()));
  state.counters["matches"] = static_cast<double>(matches);
}

}  // namespace logbench
