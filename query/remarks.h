// The lines on stderr: what is missing, and what may help.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "format/gap.h"
#include "format/store_dir.h"
#include "query/engine/query.h"

namespace logq {

void remark(const std::string& line);
// A line for each gap; whether there was any.
bool report(std::span<const logfmt::Gap> gaps);

// For a query that found nothing: the unit that may have been meant.
std::optional<std::string> unit_hint(std::span<const logfmt::StoreDir> stores,
                                     const Query& query);
// For a range that begins before the oldest entry that is still kept.
std::optional<std::string> range_hint(std::span<const logfmt::StoreDir> stores,
                                      const Query& query, bool utc);

}  // namespace logq
