#include "format/coding.h"

#include <gtest/gtest.h>

#include <limits>

namespace logfmt {
namespace {

constexpr uint64_t kEdges[] = {0,
                               1,
                               0x7F,
                               0x80,
                               0x3FFF,
                               0x4000,
                               0xFFFFFFFF,
                               uint64_t{1} << 62,
                               uint64_t{1} << 63,
                               std::numeric_limits<uint64_t>::max()};

TEST(Coding, KeepsEveryVarint) {
  for (const uint64_t value : kEdges) {
    std::string bytes;
    append_varint(bytes, value);
    Decoder in(bytes);
    EXPECT_EQ(in.varint(), value);
    EXPECT_TRUE(in.ok() && in.at_end()) << value;
  }
}

TEST(Coding, KeepsSignedValuesShort) {
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{1},
                              std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
  EXPECT_EQ(zigzag(-1), 1u);
  EXPECT_EQ(zigzag(1), 2u);
}

TEST(Coding, FixedWidthsAreLittleEndian) {
  std::string bytes;
  append_fixed(bytes, uint32_t{0x04030201});
  append_fixed(bytes, uint16_t{0x0605});
  EXPECT_EQ(bytes, "\1\2\3\4\5\6");
}

// A structure cut at every place: nothing is read past the end, and a failed
// decoder stays failed.
TEST(Coding, DecoderStopsAtEveryLength) {
  std::string whole;
  append_varint(whole, 300);
  append_fixed(whole, uint64_t{7});
  append_length_prefixed(whole, "text");
  append_fixed(whole, uint8_t{9});
  for (size_t length = 0; length <= whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);
    Decoder in(cut);
    (void)in.varint();
    (void)in.fixed<uint64_t>();
    (void)in.length_prefixed();
    const auto last = in.fixed<uint8_t>();
    EXPECT_EQ(in.ok(), length == whole.size()) << length;
    EXPECT_EQ(last, length == whole.size() ? 9 : 0) << length;
    if (!in.ok()) {
      EXPECT_EQ(in.varint(), 0u);
      EXPECT_EQ(in.bytes(0), "");
      EXPECT_FALSE(in.ok());
    }
  }
}

TEST(Coding, RefusesVarintsOfMoreThan64Bits) {
  const std::string nine(9, '\x80');
  for (const std::string& bytes :
       {nine + '\x02', nine + '\x7f', nine + '\x80', nine + "\x80\x01"}) {
    Decoder in(bytes);
    EXPECT_EQ(in.varint(), 0u);
    EXPECT_FALSE(in.ok());
  }
  Decoder largest(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
  EXPECT_EQ(largest.varint(), std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(largest.ok());
}

TEST(Coding, RefusesLengthsBeyondTheInput) {
  std::string bytes;
  append_varint(bytes, std::numeric_limits<uint64_t>::max());
  bytes += "few";
  Decoder in(bytes);
  EXPECT_EQ(in.length_prefixed(), "");
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace logfmt
