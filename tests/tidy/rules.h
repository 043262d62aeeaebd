// The rules of the house, each a function of one file.
//
// A rule adds one line "PATH:LINE: what is wrong" for each place that breaks
// it.
#pragma once

#include <string>
#include <vector>

#include "tests/tidy/source_file.h"

namespace tidy {

inline constexpr size_t kFunctionLinesMax = 70;
inline constexpr size_t kSourceLinesMax = 400;
inline constexpr size_t kHeaderLinesMax = 150;
inline constexpr size_t kColumnsMax = 80;

using Violations = std::vector<std::string>;

// format <- query and format <- logd, and nothing else; each foreign library in
// the one place that wraps it.
void check_includes(const SourceFile& file, Violations* violations);
// Tests may be long files, not long functions.
void check_sizes(const SourceFile& file, Violations* violations);
void check_columns(const SourceFile& file, Violations* violations);
void check_words(const SourceFile& file, Violations* violations);
void check_machine_paths(const SourceFile& file, Violations* violations);
// A header is included once and starts by saying what it is; so does a script.
void check_head(const SourceFile& file, Violations* violations);

}  // namespace tidy
