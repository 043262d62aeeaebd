// The rule that tells what varies in a text from what stays.
//
// A word is a run of letters, digits, "_", ".", "+", "-" and bytes from 0x80
// on; "." and "-" at its end do not belong to it. A word is a variable if it
// has a digit or a dot in it, or is the short English name of a month or a day
// of the week. What stands between two double quotes is one variable if there
// is a space or a slash in it. All else is static. No variable crosses the end
// of a field.
//
// The rule knows no log format. It need not be right either: whatever it says,
// the text is kept exactly; it only decides how small it gets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logfmt {

struct Span {
  uint32_t offset = 0;
  uint32_t bytes = 0;
};

// Appends the text to `pattern` with each variable replaced by kSlot, and the
// variables, as parts of `text`, to `variables`.
void split_words(std::string_view text, std::string& pattern,
                 std::vector<Span>& variables);

}  // namespace logfmt
