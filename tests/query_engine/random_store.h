// Entries, stores and queries of every awkward kind, the same for one seed.
#pragma once

#include <random>
#include <vector>

#include "tests/query_engine/made_store.h"

namespace logq_test {

using Random = std::mt19937;

// Several boots, a clock that jumps, entries without priority, unit, identifier
// or message.
std::vector<MadeEntry> random_entries(Random& random, size_t count);
// Some of them in segments, sealed and not, the rest in WALs; WALs repeat what
// is in segments.
void fill_store(Random& random, Entries entries, MadeStore& store);
logq::Query random_query(Random& random, Entries entries);

}  // namespace logq_test
