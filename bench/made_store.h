// A store of made-up entries that ends with its owner, and what a search over
// it has to find, counted from the entries themselves.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "bench/entry_source.h"
#include "format/store_dir.h"
#include "query/engine/query.h"
#include "tests/format/testing/temp_dir.h"

namespace logbench {

// Decides from an entry alone whether it has to be found.
using Expected = std::function<bool(const MadeEntry&)>;

class MadeStore {
 public:
  explicit MadeStore(uint64_t entries);

  const logfmt::StoreDir& store() const { return *store_; }
  uint64_t entries() const { return entries_; }
  uint64_t count(const Expected& expected) const;

 private:
  logfmt::testing::TempDir dir_;
  uint64_t entries_;
  std::optional<logfmt::StoreDir> store_;
};

// Times the query; rows are those that the store has, not those that match.
void time_search(benchmark::State& state, const MadeStore& made,
                 const logq::Query& query, const Expected& expected);

}  // namespace logbench
