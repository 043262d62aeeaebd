// The slow, obviously right search that the engine is checked against: every
// entry is looked at, nothing is prepared, nothing is skipped.
#pragma once

#include <vector>

#include "query/engine/query.h"
#include "tests/query_engine/made_store.h"

namespace logq_test {

// Sequence numbers of the matches, in the order of output. query.boot has to
// be an id.
std::vector<uint64_t> plain_search(Entries entries, const logq::Query& query);

}  // namespace logq_test
