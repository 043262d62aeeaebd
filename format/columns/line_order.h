// Which line each row of a block says: a block keeps each distinct payload
// once, as a line, numbered in the order of first use.
//
// What was said once is often said again in the same order: a start, a
// periodic job, the same requests. So a row is coded by where it stands in
// what came after the last repetition:
//
//   0        a line that was not said before
//   1 to 15  the line of row `next` + code - 1, and `next` goes behind that row
//   16 on    line code - 16, and `next` goes behind the last row that said it
//
// `next` is 0 at first and a new line leaves it where it is. Where the row
// meant by 1 to 15 is not before the row itself, these codes are not used.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace logfmt {

std::vector<uint64_t> encode_line_order(std::span<const uint32_t> lines);

// Codes become lines; returns how many lines there are, or nothing where the
// codes make no sense.
bool decode_line_order(std::span<const uint32_t> codes,
                       std::vector<uint32_t>& lines, uint32_t& line_count);

}  // namespace logfmt
