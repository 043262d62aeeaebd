// A column of integers as byte planes: first all lowest bytes, then all second
// bytes, and so on, as many planes as the largest value needs. zstd does the
// rest; it likes bytes of one kind side by side.
//
//   column := u8 planes (0-8), planes x rows bytes
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/coding.h"

namespace logfmt {

// Reads a column of `rows` values; false where the input is too short, or a
// value too wide. For uint8_t, uint32_t and uint64_t.
template <class T>
bool read_planes(Decoder& in, size_t rows, std::vector<T>& values);

// The same for those who keep the number of planes elsewhere.
unsigned planes_needed(std::span<const uint64_t> values);
// Bytes, and where in them planes end: each is of another kind than the next,
// which zstd likes to know.
struct PlaneStream {
  std::string bytes{};
  std::vector<size_t> plane_ends{};

  void append(std::span<const uint64_t> values, unsigned planes);
  void append(const PlaneStream& more);
  // With the number of planes in front.
  void append_column(std::span<const uint64_t> values);
  void clear();
};

// `bytes` holds planes x rows bytes, planes <= sizeof(T).
template <class T>
void read_plane_bytes(std::string_view bytes, unsigned planes, size_t rows,
                      std::vector<T>& values);

}  // namespace logfmt
