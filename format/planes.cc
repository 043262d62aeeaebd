#include "format/planes.h"

#include <bit>

namespace logfmt {

unsigned planes_needed(std::span<const uint64_t> values) {
  uint64_t all_bits = 0;
  for (const uint64_t value : values) all_bits |= value;
  return static_cast<unsigned>((std::bit_width(all_bits) + 7) / 8);
}

void PlaneStream::append(std::span<const uint64_t> values, unsigned planes) {
  const size_t start = bytes.size();
  bytes.resize(start + planes * values.size());
  char* at = bytes.data() + start;
  for (unsigned plane = 0; plane < planes; ++plane) {
    for (const uint64_t value : values) {
      *at++ = static_cast<char>(value >> (8 * plane));
    }
    plane_ends.push_back(start + (plane + 1) * values.size());
  }
}

void PlaneStream::append(const PlaneStream& more) {
  for (const size_t end : more.plane_ends) {
    plane_ends.push_back(bytes.size() + end);
  }
  bytes += more.bytes;
}

void PlaneStream::append_column(std::span<const uint64_t> values) {
  const unsigned planes = planes_needed(values);
  bytes += static_cast<char>(planes);
  append(values, planes);
}

void PlaneStream::clear() {
  bytes.clear();
  plane_ends.clear();
}

template <class T>
void read_plane_bytes(std::string_view bytes, unsigned planes, size_t rows,
                      std::vector<T>& values) {
  values.assign(rows, 0);
  // Said to be apart, so that the loop becomes vector instructions.
  T* const __restrict to = values.data();
  for (unsigned plane = 0; plane < planes; ++plane) {
    const auto* const __restrict from =
        reinterpret_cast<const unsigned char*>(bytes.data()) + plane * rows;
    for (size_t i = 0; i < rows; ++i) {
      to[i] = static_cast<T>(to[i] | static_cast<T>(from[i]) << (8 * plane));
    }
  }
}

template <class T>
bool read_planes(Decoder& in, size_t rows, std::vector<T>& values) {
  const auto planes = in.fixed<uint8_t>();
  if (planes > sizeof(T)) return false;
  const auto bytes = in.bytes(planes * rows);
  if (!in.ok()) return false;
  read_plane_bytes(bytes, planes, rows, values);
  return true;
}

template bool read_planes(Decoder&, size_t, std::vector<uint8_t>&);
template bool read_planes(Decoder&, size_t, std::vector<uint32_t>&);
template bool read_planes(Decoder&, size_t, std::vector<uint64_t>&);
template void read_plane_bytes(std::string_view, unsigned, size_t,
                               std::vector<uint64_t>&);

}  // namespace logfmt
