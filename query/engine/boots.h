// The boots that stores know of, and how a person counts them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "format/store_dir.h"
#include "query/engine/query.h"

namespace logq {

struct BootRange {
  logfmt::Id128 id{};
  // Of its earliest and of its latest entry.
  uint64_t first_us = 0;
  uint64_t last_us = 0;
};

// Oldest first. What cannot be read is passed over.
logfmt::Result<std::vector<BootRange>> list_boots(
    std::span<const logfmt::StoreDir> stores);

// kNotFound where there is no such boot.
logfmt::Result<logfmt::Id128> resolve_boot(
    std::span<const logfmt::StoreDir> stores, const BootSelector& selector);

}  // namespace logq
