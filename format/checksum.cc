#include "format/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace logfmt {

uint64_t checksum(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

uint64_t checksum_seed(const Id128& store) {
  return XXH3_64bits(store.bytes.data(), store.bytes.size());
}

uint32_t name_hash(std::string_view name) {
  return static_cast<uint32_t>(XXH3_64bits(name.data(), name.size()));
}

}  // namespace logfmt
