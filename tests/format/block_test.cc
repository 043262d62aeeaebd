// A block keeps what was put into it: builder and reader together.
#include <fcntl.h>
#include <gmock/gmock.h>

#include "format/block_builder.h"
#include "format/block_reader.h"
#include "format/checksum.h"
#include "format/file.h"
#include "format/limits.h"
#include "tests/format/testing/entry_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::copy_of;
using ::testing::ElementsAre;
using testing::fields;
using testing::plain;
using testing::plain_run;
using testing::Sample;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kSeed = 99;
constexpr uint64_t kOffset = 8;  // of the block in its file

class Block : public ::testing::Test {
 protected:
  EncodedBlock build(const std::vector<Sample>& entries, int level = 1) {
    for (const Sample& entry : entries) {
      EXPECT_TRUE(builder_.accepts(entry.view())) << entry.seq;
      builder_.add(entry.view());
    }
    return builder_.finish(level);
  }

  Result<BlockReader> open_block(const EncodedBlock& block) {
    testing::write_whole(dir_ / "file",
                         std::string(kOffset, 'x') + block.bytes);
    file_ = Fd(open((dir_ / "file").c_str(), O_RDONLY));
    return BlockReader::open(file_.get(), kOffset, block.header, kSeed);
  }

  std::vector<Sample> read(const EncodedBlock& block) {
    std::vector<Sample> entries;
    auto reader = open_block(block);
    if (!reader || !reader->load_payloads()) return entries;
    for (size_t row = 0; row < reader->rows(); ++row) {
      entries.push_back(copy_of(reader->entry(row)));
    }
    return entries;
  }

  testing::TempDir dir_;
  Fd file_;
  BlockBuilder builder_{kSeed};
};

TEST_F(Block, KeepsAwkwardEntries) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const auto entries = testing::awkward_run(seed, seed % 9 * 50 + 1);
    EXPECT_EQ(read(build(entries, static_cast<int>(seed % 9 + 1))), entries)
        << "seed " << seed;
  }
}

TEST_F(Block, KeepsManyFieldsAndLargeValues) {
  testing::Pairs many;
  for (int i = 0; i < 1024; ++i) {
    many.emplace_back("FIELD_" + std::to_string(i), std::to_string(i));
  }
  std::vector<Sample> entries = plain_run(1, 3);
  entries[0].payload = fields(many);
  entries[1].payload = fields({{"MESSAGE", std::string(768 << 10, '\1')},
                               {"BLOB", std::string(768 << 10, '\0')}});
  EXPECT_EQ(read(build(entries)), entries);
}

TEST_F(Block, KeepsTheLargestEntryAlone) {
  Sample entry = plain(1, "bot", "");
  entry.payload = fields({{"MESSAGE", std::string(kEntryBytesMax - 64, 'x')}});
  EXPECT_EQ(read(build({entry})), std::vector{entry});
}

TEST_F(Block, KeepsExtremeNumbers) {
  std::vector<Sample> entries = plain_run(1, 4);
  entries[0].realtime_us = ~uint64_t{0};
  entries[0].monotonic_us = 0;
  entries[1].realtime_us = 0;
  entries[1].monotonic_us = ~uint64_t{0};
  entries[2].pid = ~uint32_t{0};
  entries[3].seq = ~uint64_t{0};
  entries[3].pid = 0;
  EXPECT_EQ(read(build(entries)), entries);
}

TEST_F(Block, FullBlockOfRows) {
  const auto entries = plain_run(1, kBlockRowsMax);
  const EncodedBlock block = build(entries);
  EXPECT_EQ(block.header.rows, kBlockRowsMax);
  EXPECT_EQ(read(block), entries);
}

TEST_F(Block, AcceptsOnlyWhatFits) {
  const Sample first = plain(5, "bot", "m");
  EXPECT_TRUE(builder_.accepts(first.view()));
  builder_.add(first.view());
  EXPECT_FALSE(builder_.accepts(first.view())) << "the same number";
  EXPECT_FALSE(builder_.accepts(plain(4, "bot", "m").view())) << "before it";
  Sample other_boot = plain(6, "bot", "m");
  other_boot.boot.bytes[0] = 1;
  EXPECT_FALSE(builder_.accepts(other_boot.view()));
  Sample large = plain(6, "bot", std::string(kBlockPayloadBytesTarget, 'x'));
  EXPECT_FALSE(builder_.accepts(large.view()));
  EXPECT_TRUE(builder_.accepts(plain(6, "bot", "m").view()));
}

// A client that changes its name with every message must not be able to make
// a block that no reader would take.
TEST_F(Block, ContextsCountAsBytes) {
  Sample entry = plain(1, "bot", "m");
  size_t rows = 0;
  do {
    builder_.add(entry.view());
    ++rows;
    entry.seq += 1;
    entry.context =
        fields({{"SYSLOG_IDENTIFIER",
                 std::to_string(entry.seq) + std::string(60000, 'x')}});
  } while (builder_.accepts(entry.view()));
  EXPECT_LT(rows, 100u);
  const EncodedBlock block = builder_.finish(1);
  EXPECT_LT(block.header.parts[0].raw_bytes, kFrameRawBytesMax);
  EXPECT_EQ(read(block).size(), rows);
}

TEST_F(Block, BuilderIsAsNewAfterFinish) {
  (void)build(testing::awkward_run(3, 200));
  const auto entries = plain_run(1, 20);
  const EncodedBlock again = build(entries);
  BlockBuilder fresh(kSeed);
  for (const Sample& entry : entries) fresh.add(entry.view());
  EXPECT_EQ(again.bytes, fresh.finish(1).bytes);
  EXPECT_TRUE(builder_.empty());
}

TEST_F(Block, HeaderSumsUpTheRows) {
  std::vector<Sample> entries = plain_run(10, 6);
  entries[2].realtime_us = 5;
  entries[3].priority = 3;
  entries[4].priority = kNoPriority;
  const BlockHeader header = build(entries).header;
  EXPECT_EQ(header.first_seq, 10u);
  EXPECT_EQ(header.last_seq, 15u);
  EXPECT_EQ(header.min_realtime_us, 5u);
  EXPECT_EQ(header.max_realtime_us, entries[5].realtime_us);
  EXPECT_EQ(header.priority_mask, 1u << 3 | 1u << 6 | 1u << kNoPriority);
  EXPECT_TRUE(header.units.may_contain(name_hash("bot")));
  EXPECT_FALSE(header.units.may_contain(name_hash("absent")));
  EXPECT_TRUE(header.identifiers.may_contain(name_hash("cron")));
}

TEST_F(Block, SummaryOfTooManyNamesSaysAny) {
  std::vector<Sample> entries;
  for (uint64_t seq = 1; seq <= kSummaryHashesMax + 1; ++seq) {
    entries.push_back(plain(seq, "unit" + std::to_string(seq), "m"));
  }
  const auto one_more = build(entries).header;
  EXPECT_TRUE(one_more.units.any);
  entries.pop_back();
  const auto just_fits = build(entries).header;
  EXPECT_FALSE(just_fits.units.any);
  EXPECT_EQ(just_fits.units.hashes.size(), kSummaryHashesMax);
}

TEST_F(Block, KnowsItsNames) {
  std::vector<Sample> entries = plain_run(1, 3);
  entries[0].context = fields({{"_SYSTEMD_USER_UNIT", "mine"}});
  entries[1].payload = fields({{"CODE_FILE", "a.c"}, {"MESSAGE", "m"}});
  const BlockNames names = build(entries).names;
  EXPECT_THAT(names.units, UnorderedElementsAre("mine", "cron", "bot"));
  EXPECT_THAT(names.identifiers, UnorderedElementsAre("cron", "bot"));
  EXPECT_THAT(names.fields, UnorderedElementsAre(
                                "_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT",
                                "SYSLOG_IDENTIFIER", "CODE_FILE", "MESSAGE"));
}

TEST_F(Block, ColumnsNeedNoPayloads) {
  const auto entries = plain_run(10, 5);
  EncodedBlock block = build(entries);
  const auto strings = block.header.part_offset(BlockPart::kStrings);
  block.bytes[strings] = static_cast<char>(block.bytes[strings] ^ 1);
  auto reader = open_block(block);
  ASSERT_TRUE(reader) << reader.error().message();
  for (size_t row = 0; row < entries.size(); ++row) {
    EXPECT_EQ(reader->seq(row), entries[row].seq);
    EXPECT_EQ(reader->realtime_us(row), entries[row].realtime_us);
    EXPECT_EQ(reader->priority(row), entries[row].priority);
    EXPECT_EQ(reader->context_fields(reader->context(row)).encoded(),
              entries[row].context);
  }
  EXPECT_FALSE(reader->load_payloads());
}

TEST_F(Block, GivesTheRowsThatWereAskedFor) {
  std::vector<Sample> entries = plain_run(1, 4);
  entries[1].payload.clear();
  entries[3].payload = entries[0].payload;
  auto reader = open_block(build(entries));
  ASSERT_TRUE(reader);
  const std::vector<uint32_t> wanted{1, 3};
  ASSERT_TRUE(reader->load_payloads(wanted));
  EXPECT_EQ(reader->payload(1), entries[1].payload);
  EXPECT_EQ(reader->payload(3), entries[3].payload);
  ASSERT_TRUE(reader->load_payloads());
  EXPECT_EQ(reader->payload(2), entries[2].payload);
}

TEST_F(Block, NewerCodecIsUnsupportedNotCorrupt) {
  EncodedBlock block = build(plain_run(1, 3));
  block.header.codec = static_cast<BlockCodec>(2);
  const auto reader = open_block(block);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kUnsupported);
}

// Parts with right checksums whose contents no writer makes.
TEST_F(Block, MetaThatMakesNoSenseIsCorrupt) {
  const EncodedBlock good = build(plain_run(1, 3));
  auto reader = open_block(good);
  ASSERT_TRUE(reader);
  EncodedBlock block = good;
  for (uint32_t rows : {1u, 2u, 4u, 65536u}) {
    block.header.rows = rows;
    EXPECT_FALSE(open_block(block)) << rows;
  }
  block = good;
  block.header.last_seq += 1;
  EXPECT_FALSE(open_block(block));
}

}  // namespace
}  // namespace logfmt
