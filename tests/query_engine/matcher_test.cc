// What a selection means, term by term.
#include "query/engine/matcher.h"

#include <gtest/gtest.h>

#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using Seqs = std::vector<uint64_t>;
using Fields = std::vector<logfmt::Field>;

MadeEntry entry_with(uint64_t seq, const Fields& context) {
  MadeEntry entry = entry_of(seq, "", "text");
  entry.context = fields(context);
  return entry;
}

std::vector<MadeEntry> senders() {
  return {
      entry_with(1, {{"_SYSTEMD_UNIT", "bot.service"},
                     {"SYSLOG_IDENTIFIER", "python3"}}),
      entry_with(2, {{"_SYSTEMD_USER_UNIT", "bot.service"}}),
      entry_with(3, {{"SYSLOG_IDENTIFIER", "bot"}}),
      entry_with(4, {{"SYSLOG_IDENTIFIER", "cron"}}),
      entry_with(5, {{"SYSLOG_IDENTIFIER", "cron.service"}}),
      entry_with(6, {{"_SYSTEMD_UNIT", "web@1.service"}}),
      entry_with(7, {}),
  };
}

class Selection : public testing::Test {
 protected:
  // In a segment and in a WAL the answer must be the same.
  static Seqs select(const std::vector<MadeEntry>& entries,
                     const logq::Query& query) {
    MadeStore segment;
    segment.add_segment(entries, 2);
    MadeStore wal;
    wal.add_wal(entries);
    const Seqs seqs = ask(segment, query).seqs;
    EXPECT_EQ(ask(wal, query).seqs, seqs);
    return seqs;
  }
  static Seqs units(const std::vector<std::string>& include,
                    const std::vector<std::string>& exclude = {}) {
    return select(senders(), {.units = {include, exclude}});
  }
};

TEST_F(Selection, UnitIsSystemUnitOrUserUnit) {
  EXPECT_EQ(units({"bot.service"}), (Seqs{1, 2}));
  EXPECT_EQ(units({"bot.service", "web@1.service"}), (Seqs{1, 2, 6}));
}

TEST_F(Selection, UnitIsTheIdentifierWhereNoUnitOfThatNameExists) {
  EXPECT_EQ(units({"cron.service"}), (Seqs{4, 5}));
}

// Anybody may run a unit of his own under any name.
TEST_F(Selection, AUsersUnitDoesNotHideTheIdentifierOfThatName) {
  const std::vector<MadeEntry> entries{
      entry_with(1, {{"_SYSTEMD_USER_UNIT", "sshd.service"}, {"_UID", "1000"}}),
      entry_with(2, {{"SYSLOG_IDENTIFIER", "sshd"}, {"_UID", "0"}}),
      entry_with(3, {{"_SYSTEMD_UNIT", "user@1000.service"},
                     {"_SYSTEMD_USER_UNIT", "sshd.service"}}),
      entry_with(4, {{"SYSLOG_IDENTIFIER", "cron"}}),
  };
  EXPECT_EQ(select(entries, {.units = {{"sshd.service"}, {}}}),
            (Seqs{1, 2, 3}));
  EXPECT_EQ(select(entries, {.units = {{"ssh*"}, {}}}), (Seqs{1, 2, 3}));
}

TEST_F(Selection, ADeclaredUnitHidesTheIdentifierWhereverItIsDeclared) {
  const std::vector<MadeEntry> entries{
      entry_with(1, {{"SYSLOG_IDENTIFIER", "sshd"}}),
      entry_with(2, {{"_SYSTEMD_USER_UNIT", "sshd.service"}}),
      entry_with(3, {{"_SYSTEMD_USER_UNIT", "sshd.service"}, {"_UID", "7"}}),
      entry_with(4, {{"_SYSTEMD_UNIT", "cron.service"}}),
      entry_with(5, {{"_SYSTEMD_UNIT", "sshd.service"}}),
  };
  EXPECT_EQ(select(entries, {.units = {{"sshd.service"}, {}}}),
            (Seqs{2, 3, 5}));
}

TEST_F(Selection, WhatLogdTellsOfAUnitIsReadWithTheUnit) {
  using List = std::vector<logfmt::Field>;
  const auto own = [](uint64_t seq, const List& object) {
    List list{{"_TRANSPORT", "driver"}, {"SYSLOG_IDENTIFIER", "logd"}};
    list.insert(list.end(), object.begin(), object.end());
    return entry_with(seq, list);
  };
  const std::vector<MadeEntry> entries{
      entry_with(1, {{"_SYSTEMD_UNIT", "bot.service"}}),
      own(2, {{"OBJECT_UNIT", "bot.service"}}),
      own(3, {{"OBJECT_UNIT", "bot.service"}, {"OBJECT_UID", "1000"}}),
      own(4, {{"OBJECT_UNIT", "bot"}, {"OBJECT_UNIT_FROM", "identifier"}}),
      own(5, {{"OBJECT_UNIT", "cron"}, {"OBJECT_UNIT_FROM", "identifier"}}),
      own(6, {}),
      entry_with(7, {{"_TRANSPORT", "journal"},
                     {"SYSLOG_IDENTIFIER", "logd"},
                     {"OBJECT_UNIT", "bot.service"}}),
      entry_with(8, {{"SYSLOG_IDENTIFIER", "cron"}}),
  };
  const struct {
    logq::NamePatterns units;
    Seqs seqs;
  } cases[] = {
      // The name of a unit is not that of who merely calls himself so.
      {{{"bot.service"}, {}}, {1, 2, 3}},
      {{{"cron.service"}, {}}, {5, 8}},
      {{{"c*"}, {}}, {5, 8}},
      {{{"logd.service"}, {}}, {2, 3, 4, 5, 6, 7}},
      {{{}, {"bot.service"}}, {4, 5, 6, 7, 8}},
      {{{"logd.service"}, {"bot.service"}}, {4, 5, 6, 7}},
      {{{"web.service"}, {}}, {}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(select(entries, {.units = c.units}), c.seqs);
  }
}

TEST_F(Selection, UnitNamesMayBeGlobs) {
  EXPECT_EQ(units({"web@*"}), Seqs{6});
  EXPECT_EQ(units({"c?on.service"}), (Seqs{4, 5}));
  EXPECT_EQ(units({"*"}), (Seqs{1, 2, 3, 4, 5, 6}));
}

TEST_F(Selection, ExcludedUnitsLeaveTheOthers) {
  EXPECT_EQ(units({}, {"bot.service"}), (Seqs{3, 4, 5, 6, 7}));
  EXPECT_EQ(units({"*"}, {"cron.service"}), (Seqs{1, 2, 3, 6}));
}

TEST_F(Selection, IdentifiersAreIncludedAndExcluded) {
  EXPECT_EQ(select(senders(), {.identifiers = {{"bot", "python*"}, {}}}),
            (Seqs{1, 3}));
  EXPECT_EQ(select(senders(), {.identifiers = {{}, {"cron*"}}}),
            (Seqs{1, 2, 3, 6, 7}));
}

TEST_F(Selection, PriorityMaskTellsNoneApart) {
  std::vector<MadeEntry> entries;
  for (uint64_t seq = 1; seq <= 9; ++seq) {
    entries.push_back(entry_of(seq, "", ""));
    entries.back().priority = static_cast<uint8_t>(seq - 1);
  }
  EXPECT_EQ(select(entries, {.priority_mask = 0b1111}), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(select(entries, {.priority_mask = 1 << 8}), Seqs{9});
}

TEST_F(Selection, FacilityIsReadStrictly) {
  const std::vector<MadeEntry> entries{
      entry_with(1, {{"SYSLOG_FACILITY", "3"}}),
      entry_with(2, {{"SYSLOG_FACILITY", "4"}}),
      entry_with(3, {{"SYSLOG_FACILITY", "3x"}}),
      entry_with(4, {{"SYSLOG_FACILITY", "99"}}),
      entry_with(5, {}),
  };
  EXPECT_EQ(select(entries, {.facility_mask = 1 << 3}), Seqs{1});
}

TEST_F(Selection, TimeRangeIncludesBothEnds) {
  EXPECT_EQ(select(senders(), {.since_us = 2'000'000, .until_us = 4'000'000}),
            (Seqs{2, 3, 4}));
}

// 1: A=1 B=1, 2: A=1 B=2, 3: A=2 B=1, 4: B=1
std::vector<MadeEntry> lettered() {
  std::vector<MadeEntry> entries;
  const std::vector<Fields> payloads{{{"A", "1"}, {"B", "1"}},
                                     {{"A", "1"}, {"B", "2"}},
                                     {{"A", "2"}, {"B", "1"}},
                                     {{"B", "1"}}};
  for (const Fields& payload : payloads) {
    entries.push_back(entry_with(entries.size() + 1, {{"_UID", "0"}}));
    entries.back().payload = fields(payload);
    entries.back().pid = static_cast<uint32_t>(entries.size());
  }
  return entries;
}

TEST_F(Selection, TermsOfOneFieldAreAlternativesAndFieldsAddUp) {
  EXPECT_EQ(select(lettered(), {.groups = {{{"A", "1"}}}}), (Seqs{1, 2}));
  EXPECT_EQ(select(lettered(), {.groups = {{{"A", "1"}, {"A", "2"}}}}),
            (Seqs{1, 2, 3}));
  EXPECT_EQ(select(lettered(), {.groups = {{{"A", "1"}, {"B", "1"}}}}),
            Seqs{1});
}

TEST_F(Selection, GroupsAreAlternatives) {
  EXPECT_EQ(select(lettered(), {.groups = {{{"A", "2"}}, {{"B", "2"}}}}),
            (Seqs{2, 3}));
}

TEST_F(Selection, NegatedTermsAllHaveToHold) {
  EXPECT_EQ(select(lettered(), {.groups = {{{"A", "1", true}}}}), (Seqs{3, 4}));
  EXPECT_EQ(
      select(lettered(), {.groups = {{{"A", "1", true}, {"A", "2", true}}}}),
      Seqs{4});
}

TEST_F(Selection, ColumnsAreFieldsLikeOthers) {
  EXPECT_EQ(select(lettered(), {.groups = {{{"_PID", "3"}}}}), Seqs{3});
  EXPECT_EQ(select(lettered(), {.groups = {{{"PRIORITY", "6"}}}}).size(), 4u);
  EXPECT_EQ(select(lettered(), {.groups = {{{"PRIORITY", "6", true}}}}),
            Seqs{});
  EXPECT_EQ(
      select(lettered(), {.groups = {{{"_BOOT_ID", boot_number(1).hex()}}}})
          .size(),
      4u);
  EXPECT_EQ(select(lettered(), {.groups = {{{"_UID", "0"}, {"A", "2"}}}}),
            Seqs{3});
}

TEST_F(Selection, KernelMeansTheKernelsTransport) {
  const std::vector<MadeEntry> entries{
      entry_with(1, {{"_TRANSPORT", "kernel"}}),
      entry_with(2, {{"_TRANSPORT", "syslog"}}),
      entry_with(3, {}),
  };
  EXPECT_EQ(select(entries, {.kernel_only = true}), Seqs{1});
}

TEST_F(Selection, DatagramsHaveTheirTimeAsAField) {
  const std::vector<MadeEntry> entries{
      entry_with(1, {{"_TRANSPORT", "syslog"}}),
      entry_with(2, {{"_TRANSPORT", "stdout"}}),
  };
  const std::string name = "_SOURCE_REALTIME_TIMESTAMP";
  EXPECT_EQ(select(entries, {.groups = {{{name, "1000000"}}}}), Seqs{1});
  EXPECT_EQ(select(entries, {.groups = {{{name, "2000000"}}}}), Seqs{});
}

}  // namespace
}  // namespace logq_test
