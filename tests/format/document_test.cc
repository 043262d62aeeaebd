// docs/segment_format.md is authoritative: its examples are decoded here, byte
// for byte from the page.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <sstream>

#include "format/block_builder.h"
#include "format/block_reader.h"
#include "format/checksum.h"
#include "format/wal_reader.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::copy_of;
using testing::fields;
using testing::read_whole;
using testing::Sample;

const std::string kPage = read_whole(LOGD_SOURCE_DIR "/docs/segment_format.md");

// The bytes of "```hex NAME"; its lines are "offset  bytes  ; what they are".
std::string example(const std::string& name) {
  const std::string fence = "```hex " + name + "\n";
  const size_t begin = kPage.find(fence);
  if (begin == std::string::npos) return {};
  std::istringstream lines(kPage.substr(
      begin + fence.size(), kPage.find("```\n", begin + 1) - begin));
  std::string bytes;
  for (std::string line; std::getline(lines, line) && line[0] != '`';) {
    std::istringstream words(line.substr(0, line.find(';')));
    std::string word;
    words >> word;
    EXPECT_EQ(std::stoul(word, nullptr, 16), bytes.size()) << line;
    while (words >> word) {
      bytes += static_cast<char>(std::stoul(word, nullptr, 16));
    }
  }
  return bytes;
}

const Id128 kStore = *Id128::parse("000102030405060708090a0b0c0d0e0f");
const Id128 kBoot = *Id128::parse("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
const uint64_t kSeed = checksum_seed(kStore);

std::vector<Sample> documented_rows() {
  Sample first{.seq = 7,
               .realtime_us = 1'700'000'000'100'000,
               .monotonic_us = 10'100'000,
               .priority = 6,
               .pid = 42,
               .boot = kBoot,
               .context = fields({{"_SYSTEMD_UNIT", "bot"}}),
               .payload = fields({{"MESSAGE", "hi"}})};
  Sample second = first;
  second.seq = 8;
  second.realtime_us += 1500;
  second.monotonic_us += 1500;
  second.priority = 3;
  second.pid = 43;
  second.payload = fields({{"MESSAGE", "oops"}, {"CODE", "7"}});
  return {first, second};
}

// The rows of the block.
std::vector<Sample> documented_jobs() {
  std::vector<Sample> rows;
  for (const char* const number : {"1", "2", "4", "4", "9"}) {
    Sample row = documented_rows().front();
    row.seq += rows.size();
    row.realtime_us += 1500 * rows.size();
    row.monotonic_us += 1500 * rows.size();
    row.payload = fields({{"MESSAGE", std::string("job ") + number + " done"}});
    rows.push_back(row);
  }
  rows.back().priority = 3;
  rows.back().pid = 43;
  return rows;
}

TEST(SegmentFormatPage, FileHeaderIsAsDocumented) {
  const auto header = decode_file_header(example("wal"), kWalMagic, kStore);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->boot, kBoot);
  EXPECT_EQ(header->first_seq, 7u);
  EXPECT_EQ(header->created_us, 1'700'000'000'000'000u);
  EXPECT_EQ(header->encode(), example("wal").substr(0, kFileHeaderBytes));
}

TEST(SegmentFormatPage, FrameHeaderIsAsDocumented) {
  const std::string bytes = example("wal").substr(kFileHeaderBytes);
  const auto header = decode_frame_header(bytes, kSeed);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->body_bytes, 54u);
  EXPECT_EQ(header->batch_id, 1u);
  EXPECT_EQ(header->first_seq, 7u);
  EXPECT_EQ(header->durable_seq, 7u);
  EXPECT_EQ(header->clock_offset_us, 1'699'999'990'000'000);
  EXPECT_EQ(header->base_realtime_us, 1'700'000'000'100'000u);
  EXPECT_EQ(header->rows, 2u);
  EXPECT_EQ(header->kind, FrameKind::kRows);
  EXPECT_TRUE(header->starts_epoch);
  EXPECT_EQ(header->frame_bytes(), bytes.size());
}

TEST(SegmentFormatPage, WalHoldsTheDocumentedRows) {
  const testing::TempDir dir;
  const StoreDir store = testing::make_store(dir.path(), kStore);
  testing::write_whole(dir / wal_name(7), example("wal"));
  const auto reading = testing::read_wal(store, wal_name(7));
  EXPECT_EQ(reading.entries, documented_rows());
  EXPECT_EQ(reading.open_from, 9u);
}

TEST(SegmentFormatPage, BlockHeaderIsAsDocumented) {
  const std::string bytes = example("block");
  const auto header = decode_block_header(bytes, kSeed);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->codec, BlockCodec::kTemplates);
  EXPECT_EQ(header->header_bytes(), 176u);
  EXPECT_EQ(header->block_bytes(), bytes.size());
  EXPECT_EQ(header->first_seq, 7u);
  EXPECT_EQ(header->last_seq, 11u);
  EXPECT_EQ(header->min_realtime_us, 1'700'000'000'100'000u);
  EXPECT_EQ(header->max_realtime_us, 1'700'000'000'106'000u);
  EXPECT_EQ(header->boot, kBoot);
  EXPECT_FALSE(header->several_boots);
  EXPECT_EQ(header->payload_bytes, 60u);
  EXPECT_EQ(header->rows, 5u);
  EXPECT_EQ(header->priority_mask, 1u << 3 | 1u << 6);
  EXPECT_EQ(header->units.hashes, std::vector{name_hash("bot")});
  EXPECT_TRUE(header->identifiers.hashes.empty());
  EXPECT_FALSE(header->identifiers.any);
  EXPECT_EQ(header->part_offset(BlockPart::kMeta), 176u);
  EXPECT_EQ(header->part_offset(BlockPart::kStrings), 176u + 88);
  EXPECT_EQ(header->part_offset(BlockPart::kNumbers), 176u + 88 + 18);
}

TEST(SegmentFormatPage, BlockHoldsTheDocumentedRows) {
  const testing::TempDir dir;
  testing::write_whole(dir / "block", example("block"));
  const Fd file(open((dir / "block").c_str(), O_RDONLY));
  const auto header = decode_block_header(example("block"), kSeed);
  ASSERT_TRUE(header);
  auto reader = BlockReader::open(file.get(), 0, *header, kSeed);
  ASSERT_TRUE(reader && reader->load_payloads());
  std::vector<Sample> rows;
  for (size_t row = 0; row < reader->rows(); ++row) {
    rows.push_back(copy_of(reader->entry(row)));
  }
  EXPECT_EQ(rows, documented_jobs());
}

TEST(SegmentFormatPage, BuilderWritesTheDocumentedBlock) {
  BlockBuilder builder(kSeed);
  for (const Sample& row : documented_jobs()) builder.add(row.view());
  EXPECT_EQ(builder.finish(6).bytes, example("block"));
}

}  // namespace
}  // namespace logfmt
