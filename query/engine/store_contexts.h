// Goes over the contexts of one file of a snapshot, without any text.
#pragma once

#include <functional>
#include <vector>

#include "format/field_list.h"
#include "format/gap.h"
#include "query/engine/snapshot.h"

namespace logq {

// Each context at least once. Gives the damage that was met.
std::vector<logfmt::Gap> for_each_context(
    Snapshot& snapshot, size_t file,
    const std::function<void(const logfmt::FieldList&)>& visit);

}  // namespace logq
