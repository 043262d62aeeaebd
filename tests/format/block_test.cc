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

// The entries of a run, of which some are of other boots.
std::vector<Sample> run_of_boots(const std::vector<uint8_t>& boots) {
  std::vector<Sample> entries = plain_run(1, boots.size());
  for (size_t i = 0; i < boots.size(); ++i) {
    entries[i].boot.bytes.fill(boots[i]);
    entries[i].monotonic_us = entries[i].realtime_us - boots[i] / 2 * 1000;
  }
  return entries;
}

TEST_F(Block, KeepsWhichRowIsOfWhichBoot) {
  const std::vector<uint8_t> numbers{4, 4, 5, 6, 6, 4, 5, 5};
  const auto entries = run_of_boots(numbers);
  const EncodedBlock block = build(entries);
  EXPECT_TRUE(block.header.several_boots);
  EXPECT_EQ(block.header.boot, entries[0].boot);
  EXPECT_EQ(read(block), entries);
  const auto reader = open_block(block);
  ASSERT_TRUE(reader);
  EXPECT_THAT(reader->boots(),
              ElementsAre(entries[0].boot, entries[2].boot, entries[3].boot));
  for (size_t row = 0; row < entries.size(); ++row) {
    EXPECT_EQ(reader->boot(row), entries[row].boot) << row;
    EXPECT_EQ(reader->boot_index(row), numbers[row] - 4u) << row;
  }
}

TEST_F(Block, OfOneBootSaysSo) {
  const auto entries = run_of_boots({7, 7, 7});
  const EncodedBlock block = build(entries);
  EXPECT_FALSE(block.header.several_boots);
  const auto reader = open_block(block);
  ASSERT_TRUE(reader);
  EXPECT_THAT(reader->boots(), ElementsAre(entries[0].boot));
  EXPECT_EQ(reader->boot(2), entries[0].boot);
}

TEST_F(Block, TakesNoMoreBootsThanAReaderAllows) {
  Sample entry = plain(1, "bot", "m");
  for (size_t i = 0; i < kBlockBootsMax; ++i) {
    entry.seq += 1;
    entry.boot.bytes[0] = static_cast<uint8_t>(i);
    ASSERT_TRUE(builder_.accepts(entry.view()));
    builder_.add(entry.view());
  }
  entry.seq += 1;
  EXPECT_TRUE(builder_.accepts(entry.view())) << "a boot that it knows";
  entry.boot.bytes[1] = 1;
  EXPECT_FALSE(builder_.accepts(entry.view()));
  const auto reader = open_block(builder_.finish(1));
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(reader->boots().size(), kBlockBootsMax);
}

TEST_F(Block, AcceptsOnlyWhatFits) {
  const Sample first = plain(5, "bot", "m");
  EXPECT_TRUE(builder_.accepts(first.view()));
  builder_.add(first.view());
  EXPECT_FALSE(builder_.accepts(first.view())) << "the same number";
  EXPECT_FALSE(builder_.accepts(plain(4, "bot", "m").view())) << "before it";
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
  block = good;
  block.header.boot.bytes[0] ^= 1;
  EXPECT_FALSE(open_block(block)) << "no row is of that boot";
  block = good;
  block.header.several_boots = true;
  EXPECT_FALSE(open_block(block));
}

// The same block with another meta part, not compressed.
EncodedBlock with_meta(const EncodedBlock& block, const std::string& meta) {
  EncodedBlock changed = block;
  PartHeader& part = changed.header.parts[size_t(BlockPart::kMeta)];
  const size_t begin = block.header.part_offset(BlockPart::kMeta);
  changed.bytes.replace(begin, part.stored_bytes, meta);
  const auto bytes = static_cast<uint32_t>(meta.size());
  part = {.checksum = checksum(meta, kSeed),
          .stored_bytes = bytes,
          .raw_bytes = bytes};
  return changed;
}

TEST_F(Block, BootsThatMakeNoSenseAreCorrupt) {
  const EncodedBlock good = build(run_of_boots({1, 2, 1}));
  const PartHeader& part = good.header.parts[size_t(BlockPart::kMeta)];
  std::string meta;
  ASSERT_TRUE(Decompressor().decompress(
      std::string_view(good.bytes)
          .substr(good.header.part_offset(BlockPart::kMeta), part.stored_bytes),
      part.compression, part.raw_bytes, meta));
  const std::string boots = std::string(16, '\1') + std::string(16, '\2');
  const size_t count = meta.find(boots) - 1;
  const size_t runs = count + 1 + boots.size();
  ASSERT_EQ(meta.substr(runs, 3), std::string("\3\0\0", 3));
  const size_t second = runs + 3 + meta.substr(runs + 3).find('\1');
  ASSERT_EQ(meta.substr(second, 2), "\1\1");
  const size_t third = meta.find(std::string("\2\0", 2), second);
  ASSERT_NE(third, std::string::npos);
  ASSERT_TRUE(open_block(with_meta(good, meta)));
  const struct {
    const char* what;
    size_t at;
    char byte;
  } cases[] = {{"no boot", count, 0},
               {"fewer boots than runs name", count, 1},
               {"no run", runs, 0},
               {"more runs than rows", runs, 4},
               {"a first run behind row 0", runs + 1, 1},
               {"a first run of the second boot", runs + 2, 1},
               {"two runs from the same row", second, 0},
               {"a run behind the last row", third, 3},
               {"a boot that is not listed", second + 1, 2},
               {"a boot without rows", second + 1, 0}};
  for (const auto& [what, at, byte] : cases) {
    std::string changed = meta;
    changed[at] = byte;
    EXPECT_FALSE(open_block(with_meta(good, changed))) << what;
  }
}

}  // namespace
}  // namespace logfmt
