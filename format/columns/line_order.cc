#include "format/columns/line_order.h"

#include <algorithm>

namespace logfmt {
namespace {

constexpr uint32_t kAheadMax = 15;
constexpr uint32_t kFirstLineCode = kAheadMax + 1;

}  // namespace

std::vector<uint64_t> encode_line_order(std::span<const uint32_t> lines) {
  std::vector<uint64_t> codes;
  codes.reserve(lines.size());
  std::vector<size_t> last_row;  // by line
  size_t next = 0;
  for (size_t row = 0; row < lines.size(); ++row) {
    const uint32_t line = lines[row];
    if (line == last_row.size()) {
      codes.push_back(0);
      last_row.push_back(row);
      continue;
    }
    const size_t ahead_end = std::min(row, next + kAheadMax);
    const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(next);
    const auto end = lines.begin() + static_cast<std::ptrdiff_t>(ahead_end);
    if (const auto ahead = std::find(begin, end, line); ahead < end) {
      codes.push_back(static_cast<uint64_t>(ahead - begin) + 1);
      next += codes.back();
    } else {
      codes.push_back(kFirstLineCode + line);
      next = last_row[line] + 1;
    }
    last_row[line] = row;
  }
  return codes;
}

bool decode_line_order(std::span<const uint32_t> codes,
                       std::vector<uint32_t>& lines, uint32_t& line_count) {
  lines.resize(codes.size());
  std::vector<uint32_t> last_row;  // by line
  last_row.reserve(codes.size());
  size_t next = 0;
  for (uint32_t row = 0; row < codes.size(); ++row) {
    const uint32_t code = codes[row];
    auto line = static_cast<uint32_t>(last_row.size());
    if (code == 0) {
      last_row.push_back(row);
    } else if (code <= kAheadMax) {
      next += code;
      if (next > row) return false;
      line = lines[next - 1];
    } else {
      if (code - kFirstLineCode >= last_row.size()) return false;
      line = code - kFirstLineCode;
      next = last_row[line] + 1;
    }
    last_row[line] = row;
    lines[row] = line;
  }
  line_count = static_cast<uint32_t>(last_row.size());
  return true;
}

}  // namespace logfmt
