// XXH3-64, seeded. The seed ties a checksum to one store, so that bytes of
// another store, however intact, do not pass.
#pragma once

#include <cstdint>
#include <string_view>

#include "format/id128.h"

namespace logfmt {

uint64_t checksum(std::string_view bytes, uint64_t seed);

// The seed of everything written into the store of that uuid.
uint64_t checksum_seed(const Id128& store);

// Short hash of a name, for the summaries of block headers. Not seeded: equal
// names have equal hashes in every store.
uint32_t name_hash(std::string_view name);

}  // namespace logfmt
