// Entries and stores of every awkward kind, the same for one seed.
#pragma once

#include <random>
#include <vector>

#include "tests/query_engine/made_store.h"

namespace logq_test {

using Random = std::mt19937;

size_t below(Random& random, size_t limit);
bool chance(Random& random, size_t one_in);

// Several boots, a clock that jumps, entries without priority, unit, identifier
// or message.
std::vector<MadeEntry> random_entries(Random& random, size_t count);
// The same, with the text of programs that say the same things again and again.
std::vector<MadeEntry> program_entries(Random& random, size_t count);
// Some of them in segments, sealed and not, the rest in WALs; WALs repeat what
// is in segments.
void fill_store(Random& random, Entries entries, MadeStore& store);

}  // namespace logq_test
