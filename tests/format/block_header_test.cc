#include "format/block_header.h"

#include <gtest/gtest.h>

#include "format/checksum.h"
#include "format/coding.h"
#include "format/limits.h"
#include "tests/format/testing/store_samples.h"

namespace logfmt {
namespace {

constexpr uint64_t kSeed = 99;

BlockHeader example() {
  BlockHeader header;
  header.first_seq = 10;
  header.last_seq = 14;
  header.min_realtime_us = 1000;
  header.max_realtime_us = 2000;
  header.boot = testing::kBoot;
  header.several_boots = true;
  header.payload_bytes = 77;
  header.rows = 5;
  header.priority_mask = 0x148;
  header.units.hashes = {1, 5, 9};
  header.identifiers.any = true;
  header.parts[0] = {.checksum = 11,
                     .stored_bytes = 100,
                     .raw_bytes = 300,
                     .compression = Compression::kZstd};
  header.parts[1] = {.checksum = 12, .stored_bytes = 50, .raw_bytes = 50};
  header.parts[2] = {.checksum = 13, .stored_bytes = 7, .raw_bytes = 7};
  return header;
}

TEST(BlockHeader, KeepsWhatWasWritten) {
  const std::string bytes = example().encode(kSeed);
  EXPECT_EQ(bytes.size(), aligned(kBlockFixedBytes + 3 * 4));
  const auto header = decode_block_header(bytes + "more", kSeed);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->encode(kSeed), bytes);
  EXPECT_EQ(header->last_seq, 14u);
  EXPECT_EQ(header->priority_mask, 0x148);
  EXPECT_EQ(header->boot, testing::kBoot);
  EXPECT_TRUE(header->several_boots);
  EXPECT_EQ(header->units.hashes, (std::vector<uint32_t>{1, 5, 9}));
  EXPECT_TRUE(header->identifiers.any);
  EXPECT_EQ(header->parts[0].compression, Compression::kZstd);
  EXPECT_EQ(header->part_offset(BlockPart::kNumbers), bytes.size() + 150);
  EXPECT_EQ(header->block_bytes(), aligned(bytes.size() + 157));
}

TEST(BlockHeader, SummaryNeverDeniesWhatIsThere) {
  const BlockHeader header = example();
  EXPECT_TRUE(header.units.may_contain(5));
  EXPECT_FALSE(header.units.may_contain(6));
  EXPECT_TRUE(header.identifiers.may_contain(6)) << "it lists none";
  EXPECT_FALSE(NameSummary{}.may_contain(6));
}

TEST(BlockHeader, EveryShorterOneIsTruncated) {
  const std::string bytes = example().encode(kSeed);
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto header = decode_block_header(bytes.substr(0, length), kSeed);
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::kTruncated) << length;
  }
}

TEST(BlockHeader, EveryFlippedBitIsNoticed) {
  const std::string bytes = example().encode(kSeed);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes + std::string(kBlockHeaderBytesMax, '\0');
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(decode_block_header(flipped, kSeed)) << bit;
  }
  EXPECT_FALSE(decode_block_header(bytes, kSeed + 1)) << "another store's";
}

TEST(BlockHeader, RefusesWhatNoWriterMakes) {
  const std::pair<const char*, void (*)(BlockHeader&)> cases[] = {
      {"no rows", [](BlockHeader& h) { h.rows = 0; }},
      {"too many rows",
       [](BlockHeader& h) {
         h.rows = kBlockRowsMax + 1;
         h.last_seq = 1'000'000;
       }},
      {"backwards", [](BlockHeader& h) { h.last_seq = 9; }},
      {"fewer numbers than rows", [](BlockHeader& h) { h.last_seq = 13; }},
      {"large part",
       [](BlockHeader& h) { h.parts[1].raw_bytes = kFrameRawBytesMax + 1; }},
      {"large stored part",
       [](BlockHeader& h) { h.parts[2].stored_bytes = kFrameRawBytesMax + 1; }},
      {"too many names",
       [](BlockHeader& h) { h.units.hashes.resize(kSummaryHashesMax + 1); }},
  };
  for (const auto& [name, change] : cases) {
    BlockHeader header = example();
    change(header);
    EXPECT_FALSE(decode_block_header(header.encode(kSeed), kSeed)) << name;
  }
}

// Flags may change what the rest of the block means.
TEST(BlockHeader, RefusesFlagsThatItDoesNotKnow) {
  std::string bytes = example().encode(kSeed);
  bytes[7] = static_cast<char>(bytes[7] | 2);
  const uint64_t prefix = Decoder(bytes).fixed<uint64_t>();
  put_fixed(bytes.data() + 8, checksum(bytes.substr(16), kSeed ^ prefix));
  const auto header = decode_block_header(bytes, kSeed);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, ErrorCode::kUnsupported);
}

// A length that does not fit the counts would move every part.
TEST(BlockHeader, RefusesAnotherLength) {
  std::string bytes = example().encode(kSeed) + std::string(8, '\0');
  put_fixed(bytes.data() + 4, static_cast<uint16_t>(bytes.size()));
  const uint64_t prefix = Decoder(bytes).fixed<uint64_t>();
  put_fixed(bytes.data() + 8, checksum(bytes.substr(16), kSeed ^ prefix));
  const auto header = decode_block_header(bytes, kSeed);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace logfmt
