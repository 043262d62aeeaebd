// Patterns made of the very text they are searched in, so that most of them
// hit something, and of the same text with one character changed, so that some
// of them nearly do.
//
// A fragment begins and ends anywhere: inside a word, inside a number, at a
// quote. That is where an index that knows words and numbers goes wrong.
#pragma once

#include <string>

#include "tests/query_engine/random_store.h"

namespace logq_test {

// A pattern that RE2 accepts.
std::string random_pattern(Random& random, Entries entries);

}  // namespace logq_test
