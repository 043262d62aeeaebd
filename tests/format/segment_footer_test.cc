#include "format/segment_footer.h"

#include <gtest/gtest.h>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/limits.h"
#include "tests/format/testing/entry_samples.h"

namespace logfmt {
namespace {

constexpr uint64_t kSeed = 99;

SegmentFooter example(size_t blocks) {
  SegmentFooter footer;
  BlockBuilder builder(kSeed);
  for (size_t i = 0; i < blocks; ++i) {
    const auto entry =
        testing::plain(i + 1, "unit" + std::to_string(i % 5), "m");
    builder.add(entry.view());
    const EncodedBlock block = builder.finish(1);
    footer.add(80 + i * 1000, block.header, block.names);
  }
  return footer;
}

struct Encoded {
  explicit Encoded(const SegmentFooter& footer, uint64_t offset = 5000)
      : bytes(footer.encode(offset, kSeed)) {}
  std::string_view trailer() const {
    return std::string_view(bytes).substr(bytes.size() - kTrailerBytes);
  }
  std::string_view footer() const {
    return std::string_view(bytes).substr(0, bytes.size() - kTrailerBytes);
  }
  std::string bytes;
};

TEST(SegmentFooter, KeepsBlocksAndNames) {
  const SegmentFooter written = example(kBlocksPerSegmentMax);
  const Encoded encoded(written);
  const auto trailer = decode_trailer(encoded.trailer(), kSeed);
  ASSERT_TRUE(trailer) << trailer.error().message();
  EXPECT_EQ(trailer->footer_offset, 5000u);
  EXPECT_EQ(trailer->footer_bytes, encoded.footer().size());
  EXPECT_EQ(trailer->footer_checksum, checksum(encoded.footer(), kSeed));
  const auto read = decode_footer(encoded.footer(), kSeed);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->units, written.units);
  EXPECT_EQ(read->identifiers, written.identifiers);
  EXPECT_EQ(read->fields, written.fields);
  ASSERT_EQ(read->blocks.size(), kBlocksPerSegmentMax);
  for (size_t i = 0; i < read->blocks.size(); ++i) {
    EXPECT_EQ(read->blocks[i].offset, 80 + i * 1000);
    EXPECT_EQ(read->blocks[i].header.encode(kSeed),
              written.blocks[i].header.encode(kSeed));
  }
}

TEST(SegmentFooter, SaysInWhichBlocksANameIs) {
  const SegmentFooter footer = example(kBlocksPerSegmentMax);
  EXPECT_EQ(footer.units.at("unit0"), 0b1000'0100'0010'0001);
  EXPECT_EQ(footer.fields.at("MESSAGE"), 0xFFFF);
  EXPECT_FALSE(footer.units.contains("unit9"));
}

TEST(SegmentFooter, UnknownSectionsArePassedOver) {
  const SegmentFooter footer = example(2);
  const Encoded encoded(footer);
  std::string bytes;
  append_fixed(bytes, uint8_t{200});
  append_fixed(bytes, uint32_t{3});
  bytes += "new";
  const auto read = decode_footer(bytes + std::string(encoded.footer()), kSeed);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->blocks.size(), 2u);
}

TEST(SegmentFooter, CutAnywhereIsAnErrorOrFewerSections) {
  const Encoded encoded(example(2));
  for (size_t length = 0; length < encoded.footer().size(); ++length) {
    const auto read = decode_footer(encoded.footer().substr(0, length), kSeed);
    if (read) {
      EXPECT_TRUE(read->fields.empty()) << length;
    }
  }
}

TEST(SegmentFooter, MoreBlocksThanASegmentHoldsAreRefused) {
  SegmentFooter footer = example(kBlocksPerSegmentMax);
  footer.blocks.push_back(footer.blocks.back());
  EXPECT_FALSE(decode_footer(Encoded(footer).footer(), kSeed));
}

// Its checksum is right: a faulty writer made it.
TEST(Trailer, OfAFooterBeyondItsLimitIsRefused) {
  constexpr size_t kLengthAt = 8;
  constexpr size_t kChecksumAt = 24;
  for (const size_t beyond : {0, 1}) {
    std::string trailer(Encoded(example(1)).trailer());
    put_fixed(trailer.data() + kLengthAt,
              static_cast<uint32_t>(kFooterBytesMax + beyond));
    put_fixed(trailer.data() + kChecksumAt,
              checksum(trailer.substr(0, kChecksumAt), kSeed));
    EXPECT_EQ(decode_trailer(trailer, kSeed).has_value(), beyond == 0);
  }
}

TEST(Trailer, EveryFlippedBitIsNoticed) {
  const Encoded encoded(example(1));
  for (size_t bit = 0; bit < kTrailerBytes * 8; ++bit) {
    std::string flipped(encoded.trailer());
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(decode_trailer(flipped, kSeed)) << bit;
  }
  EXPECT_FALSE(decode_trailer(encoded.trailer(), kSeed + 1));
  EXPECT_FALSE(decode_trailer(encoded.trailer().substr(1), kSeed));
}

}  // namespace
}  // namespace logfmt
