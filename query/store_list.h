// Opens the stores that a query is asked of, and says what a person can do
// where one cannot be opened.
#pragma once

#include <string>
#include <vector>

#include "format/store_dir.h"

namespace logq {

// Adds what to do about it: no store yet, no rights.
logfmt::Error explain_store_error(logfmt::Error error,
                                  const std::string& directory);

// Each directory once, by the path that names it first; they may not exist.
std::vector<std::string> distinct_directories(
    const std::vector<std::string>& directories);

logfmt::Result<std::vector<logfmt::StoreDir>> open_stores(
    const std::vector<std::string>& directories);

}  // namespace logq
