#include "query/engine/block_pruning.h"

#include <gtest/gtest.h>

#include "format/segment_reader.h"
#include "query/engine/matcher.h"
#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using logq::Query;
using Seqs = std::vector<uint64_t>;

MadeEntry entry(uint64_t seq, std::string_view unit,
                std::string_view identifier, std::string_view field) {
  MadeEntry made = entry_of(seq, unit, "text");
  logfmt::append_field(made.context, "SYSLOG_IDENTIFIER", identifier);
  logfmt::append_field(made.payload, field, "7");
  made.pid = 7;
  return made;
}

// Four blocks of one entry each.
class BlockPruning : public testing::Test {
 protected:
  BlockPruning() {
    const std::vector<MadeEntry> entries{
        entry(1, "bot.service", "bot", "COLOR"),
        entry(2, "", "web", "SHAPE"),
        entry(3, "db.timer", "bot", "_PID"),
        entry(4, "bots.service", "cron", "COLOR"),
    };
    name_ = store_.add_segment(entries, 1);
  }

  logq::BlockMask blocks_for(const Query& query) const {
    const auto segment = logfmt::SegmentReader::open(store_.dir().fd(), name_,
                                                     store_.dir().id());
    return logq::BlockPruning(query).blocks_that_may_match(segment->footer()) &
           0b1111;
  }

  std::string name_;
  MadeStore store_;
};

TEST_F(BlockPruning, KnowsTheBlocksOfNamesAndFields) {
  const struct {
    Query query;
    unsigned blocks;
  } cases[] = {
      {{}, 0b1111},
      {{.units = {.include = {"bot.service"}}}, 0b0101},  // by identifier too
      {{.units = {.include = {"bots.service"}}}, 0b1000},
      {{.units = {.include = {"web.service"}}}, 0b0010},
      {{.units = {.include = {"bot*"}}}, 0b1101},
      {{.units = {.include = {"none.service"}}}, 0},
      {{.units = {.exclude = {"bot.service"}}}, 0b1111},
      {{.identifiers = {.include = {"bot", "cron"}}}, 0b1101},
      {{.identifiers = {.include = {"none"}}}, 0},
      {{.groups = {{{"COLOR", "7"}}}}, 0b1001},
      {{.groups = {{{"COLOR", "7"}, {"SHAPE", "7"}}}}, 0},
      {{.groups = {{{"COLOR", "7"}}, {{"SHAPE", "7"}}}}, 0b1011},
      {{.groups = {{{.name = "COLOR", .value = "7", .negated = true}}}},
       0b1111},
      {{.groups = {{{"PRIORITY", "7"}}}}, 0b1111},
      {{.groups = {{{"_PID", "7"}}}}, 0b1111},
      {{.units = {.include = {"bot.service"}}, .groups = {{{"COLOR", "7"}}}},
       0b0001},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    EXPECT_EQ(blocks_for(cases[i].query), cases[i].blocks) << "case " << i;
  }
}

// Columns answer for fields that no payload has; here one has its own _PID.
TEST_F(BlockPruning, AFieldThatHasAColumnsNameIsFound) {
  const auto found = [&](std::string_view name, std::string_view value,
                         bool negated) {
    return ask(store_, {.groups = {{{.name = std::string(name),
                                     .value = std::string(value),
                                     .negated = negated}}}})
        .seqs;
  };
  EXPECT_EQ(found("_PID", "7", false), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(found("_PID", "8", false), Seqs{});
  EXPECT_EQ(found("_PID", "8", true), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(found("PRIORITY", "6", false), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(found("PRIORITY", "7", false), Seqs{});
  EXPECT_EQ(found("COLOR", "7", true), (Seqs{2, 3}));
}

// logd's own entries tell of units in other blocks than the unit's own.
TEST(BlockPruningOfReports, FindsThemBesideTheUnit) {
  const auto own = [](uint64_t seq) { return entry(seq, "", "logd", "COLOR"); };
  std::vector<MadeEntry> entries{entry(1, "bot.service", "bot", "COLOR"),
                                 own(2), own(3),
                                 entry(4, "web.service", "web", "COLOR")};
  logfmt::append_field(entries[1].context, "OBJECT_UNIT", "bot.service");
  MadeStore store;
  const auto segment = logfmt::SegmentReader::open(
      store.dir().fd(), store.add_segment(entries, 1), store.dir().id());
  const logq::BlockPruning pruning({.units = {.include = {"bot.service"}}});
  EXPECT_EQ(pruning.blocks_that_may_match(segment->footer()) & 0b1111, 0b0011);
  const bool by_header[] = {true, true, true, false};
  for (size_t i = 0; i < std::size(by_header); ++i) {
    EXPECT_EQ(pruning.may_match(segment->blocks()[i].header), by_header[i])
        << i;
  }
}

// A block's header gives up beyond 64 names; the footer does not.
TEST(BlockPruningOfManyNames, IsExact) {
  std::vector<MadeEntry> entries;
  for (uint64_t seq = 1; seq <= 100; ++seq) {
    entries.push_back(
        entry(seq, "u" + std::to_string(seq), std::to_string(seq), "COLOR"));
  }
  MadeStore store;
  const auto segment = logfmt::SegmentReader::open(
      store.dir().fd(), store.add_segment(entries), store.dir().id());
  ASSERT_TRUE(segment->blocks()[0].header.units.any);
  const auto blocks_of = [&](const char* unit) {
    return logq::BlockPruning({.units = {.include = {unit}}})
        .blocks_that_may_match(segment->footer());
  };
  EXPECT_EQ(blocks_of("u77"), 1);
  EXPECT_EQ(blocks_of("u101"), 0);
}

}  // namespace
}  // namespace logq_test
