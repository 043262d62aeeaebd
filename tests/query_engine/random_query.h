// Queries about entries that exist, nearly exist, or do not.
#pragma once

#include <vector>

#include "query/engine/query.h"
#include "tests/query_engine/random_store.h"

namespace logq_test {

// Any combination of filters, limits and directions.
logq::Query random_query(Random& random, Entries entries);

// One of each filter, alone. What is asked for is taken from the entries.
std::vector<logq::Query> single_filters(Random& random, Entries entries);

// A text filter alone.
logq::Query text_query(Random& random, Entries entries);

}  // namespace logq_test
