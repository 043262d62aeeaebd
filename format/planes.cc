#include "format/planes.h"

#include <bit>

namespace logfmt {

void append_planes(std::string& out, std::span<const uint64_t> values) {
  uint64_t all_bits = 0;
  for (const uint64_t value : values) all_bits |= value;
  const auto planes = static_cast<unsigned>((std::bit_width(all_bits) + 7) / 8);
  out += static_cast<char>(planes);
  const size_t start = out.size();
  out.resize(start + planes * values.size());
  char* at = out.data() + start;
  for (unsigned plane = 0; plane < planes; ++plane) {
    for (const uint64_t value : values) {
      *at++ = static_cast<char>(value >> (8 * plane));
    }
  }
}

bool read_planes(Decoder& in, size_t rows, std::vector<uint64_t>& values) {
  const auto planes = in.fixed<uint8_t>();
  if (planes > sizeof(uint64_t)) return false;
  const auto bytes = in.bytes(planes * rows);
  if (!in.ok()) return false;
  values.assign(rows, 0);
  const char* at = bytes.data();
  for (unsigned plane = 0; plane < planes; ++plane) {
    for (uint64_t& value : values) {
      value |= uint64_t{static_cast<uint8_t>(*at++)} << (8 * plane);
    }
  }
  return true;
}

}  // namespace logfmt
