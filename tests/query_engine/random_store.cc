#include "tests/query_engine/random_store.h"

#include <algorithm>
#include <array>

#include "tests/format/testing/log_lines.h"

namespace logq_test {
namespace {

using logfmt::testing::LogLines;
using Texts = std::vector<std::string>;

const Texts kUnits{"bot.service", "web.service", "db.timer", "web1.service"};
const Texts kIdentifiers{"bot", "cron", "sshd", "db.timer", "web"};
const Texts kTransports{"syslog", "journal", "stdout", "kernel"};
const Texts kWords{"Timed out",
                   "timed OUT",
                   "connection reset",
                   "ok",
                   "\xff\xfe",
                   "stra\xc3\x9f"
                   "e",
                   "\xe2\x84\xaa"
                   "elvin",
                   "kelvin",
                   "a\nb",
                   "disk sda1 full"};

const std::string& one_of(Random& random, const Texts& texts) {
  return texts[below(random, texts.size())];
}

// Of an entry in which logd tells of a unit, or of who uses its name.
std::string own_context(Random& random) {
  std::vector<logfmt::Field> list{{"_TRANSPORT", "driver"},
                                  {"SYSLOG_IDENTIFIER", "logd"}};
  if (chance(random, 2)) {
    list.push_back({"OBJECT_UNIT", one_of(random, kUnits)});
  } else {
    list.push_back({"OBJECT_UNIT", one_of(random, kIdentifiers)});
    list.push_back({"OBJECT_UNIT_FROM", "identifier"});
  }
  return fields(list);
}

std::string random_context(Random& random) {
  if (chance(random, 8)) return own_context(random);
  std::vector<logfmt::Field> list;
  if (!chance(random, 3)) {
    list.push_back({chance(random, 3) ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT",
                    one_of(random, kUnits)});
  }
  if (!chance(random, 3)) {
    list.push_back({"SYSLOG_IDENTIFIER", one_of(random, kIdentifiers)});
  }
  if (!chance(random, 3)) {
    list.push_back({"SYSLOG_FACILITY", chance(random, 2) ? "3" : "10"});
  }
  list.push_back({"_TRANSPORT", one_of(random, kTransports)});
  list.push_back({"_UID", chance(random, 2) ? "0" : "1000"});
  return fields(list);
}

std::string random_payload(Random& random) {
  std::vector<logfmt::Field> list;
  const size_t messages = chance(random, 8) ? below(random, 3) : 1;
  std::array<std::string, 2> texts;
  for (size_t i = 0; i < messages; ++i) {
    texts[i] = one_of(random, kWords) + " " + one_of(random, kWords);
    list.push_back({"MESSAGE", texts[i]});
  }
  if (chance(random, 3)) {
    list.push_back({"CODE", chance(random, 2) ? "1" : "2"});
  }
  if (chance(random, 5)) list.push_back({"NOTE", one_of(random, kWords)});
  return fields(list);
}

}  // namespace

size_t below(Random& random, size_t limit) {
  return std::uniform_int_distribution<size_t>(0, limit - 1)(random);
}

bool chance(Random& random, size_t one_in) {
  return below(random, one_in) == 0;
}

std::vector<MadeEntry> program_entries(Random& random, size_t count) {
  LogLines lines(random());
  auto entries = random_entries(random, count);
  for (MadeEntry& entry : entries) {
    auto line = lines.next();
    const std::string unit = std::string(line.identifier) + ".service";
    const bool kernel = line.identifier == "kernel";
    entry.context = fields({{"_TRANSPORT", kernel ? "kernel" : "journal"},
                            {"SYSLOG_IDENTIFIER", line.identifier},
                            {"SYSLOG_FACILITY", kernel ? "0" : "3"}});
    if (!kernel && !chance(random, 5)) {
      entry.context += fields({{"_SYSTEMD_UNIT", unit}});
    }
    entry.payload = std::move(line.payload);
  }
  return entries;
}

std::vector<MadeEntry> random_entries(Random& random, size_t count) {
  std::vector<MadeEntry> entries;
  Texts contexts;
  for (size_t i = 0; i < 12; ++i) contexts.push_back(random_context(random));
  MadeEntry entry{.seq = 1 + below(random, 50), .boot = boot_number(1)};
  entry.realtime_us = 1'000'000'000;
  while (entries.size() < count) {
    entry.priority = static_cast<uint8_t>(below(random, 9));
    entry.pid = static_cast<uint32_t>(below(random, 4));
    entry.context = one_of(random, contexts);
    entry.payload = random_payload(random);
    entry.monotonic_us = entry.realtime_us / 2;
    entries.push_back(entry);
    ++entry.seq;
    entry.realtime_us += below(random, 1000);
    if (chance(random, 60)) entry.realtime_us -= 5000;
    if (chance(random, 70)) {
      entry.boot = boot_number(static_cast<uint8_t>(below(random, 4)));
    }
  }
  return entries;
}

void fill_store(Random& random, Entries entries, MadeStore& store) {
  size_t begin = 0;
  const size_t in_segments = below(random, entries.size());
  while (begin < in_segments) {
    const size_t block_rows = 16 + below(random, 40);
    const size_t count =
        1 + below(random, std::min(in_segments - begin, 8 * block_rows));
    const bool last = begin + count == in_segments;
    store.add_segment(
        entries.subspan(begin, count), block_rows,
        last && chance(random, 2) ? Ending::kOpen : Ending::kSealed);
    begin += count;
  }
  begin -= std::min(begin, below(random, 30));
  while (begin < entries.size()) {
    size_t count = 0;
    const size_t limit = 1 + below(random, 120);
    while (begin + count < entries.size() && count < limit &&
           entries[begin + count].boot == entries[begin].boot) {
      ++count;
    }
    store.add_wal(entries.subspan(begin, count), Ending::kSealed, 1);
    begin += count;
  }
}

}  // namespace logq_test
