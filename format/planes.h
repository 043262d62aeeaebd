// A column of integers as byte planes: first all lowest bytes, then all second
// bytes, and so on, as many planes as the largest value needs. zstd does the
// rest; it likes bytes of one kind side by side.
//
//   column := u8 planes (0-8), planes x rows bytes
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/coding.h"

namespace logfmt {

void append_planes(std::string& out, std::span<const uint64_t> values);

// Reads a column of `rows` values; false where the input is too short.
bool read_planes(Decoder& in, size_t rows, std::vector<uint64_t>& values);

}  // namespace logfmt
