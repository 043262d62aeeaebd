#include "format/planes.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace logfmt {
namespace {

std::string column_of(const std::vector<uint64_t>& values) {
  PlaneStream stream;
  stream.append_column(values);
  return stream.bytes;
}

std::vector<uint64_t> round_trip(const std::vector<uint64_t>& values) {
  const std::string bytes = column_of(values);
  Decoder in(bytes);
  std::vector<uint64_t> read{1, 2, 3};  // must not survive
  EXPECT_TRUE(read_planes(in, values.size(), read));
  EXPECT_TRUE(in.ok() && in.at_end());
  return read;
}

TEST(Planes, KeepsValuesOfEveryWidth) {
  std::mt19937_64 random(1);
  for (unsigned bits = 0; bits <= 64; ++bits) {
    std::vector<uint64_t> values;
    for (int i = 0; i < 40; ++i) {
      values.push_back(bits == 0 ? 0 : random() >> (64 - bits));
    }
    EXPECT_EQ(round_trip(values), values) << bits;
  }
  EXPECT_TRUE(round_trip({}).empty());
}

TEST(Planes, TakesAsManyPlanesAsTheLargestValueNeeds) {
  for (const auto& [largest, planes] : std::vector<std::pair<uint64_t, size_t>>{
           {0, 0}, {1, 1}, {255, 1}, {256, 2}, {uint64_t{1} << 63, 8}}) {
    const std::string bytes = column_of({0, largest, 0});
    EXPECT_EQ(bytes.size(), 1 + 3 * planes) << largest;
  }
}

TEST(Planes, RefusesEveryShorterInput) {
  const std::string bytes = column_of({1, 2000, 300000});
  for (size_t length = 0; length < bytes.size(); ++length) {
    Decoder in(std::string_view(bytes).substr(0, length));
    std::vector<uint64_t> values;
    EXPECT_FALSE(read_planes(in, 3, values)) << length;
  }
}

TEST(Planes, TellsWhereEachPlaneEnds) {
  PlaneStream stream;
  stream.append_column(std::vector<uint64_t>{1, 256});
  PlaneStream more;
  more.append_column(std::vector<uint64_t>{7, 7, 7});
  stream.append(more);
  EXPECT_EQ(stream.plane_ends, (std::vector<size_t>{3, 5, 9}));
}

TEST(Planes, RefusesMoreThanEightPlanes) {
  const std::string bytes = '\x09' + std::string(100, '\0');
  Decoder in(bytes);
  std::vector<uint64_t> values;
  EXPECT_FALSE(read_planes(in, 2, values));
}

}  // namespace
}  // namespace logfmt
