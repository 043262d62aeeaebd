#include "tests/query_engine/random_store.h"

#include <algorithm>
#include <array>

namespace logq_test {
namespace {

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
const Texts kPatterns{"timed out",
                      "Timed",
                      "reset$",
                      "^ok",
                      "k.lvin",
                      "kelvin",
                      "a.b",
                      "",
                      "zzz",
                      "(out|full)",
                      "[0-9]+",
                      "disk",
                      "timed (out|up)",
                      "Sda"};

size_t below(Random& random, size_t limit) {
  return std::uniform_int_distribution<size_t>(0, limit - 1)(random);
}
bool chance(Random& random, size_t one_in) {
  return below(random, one_in) == 0;
}
const std::string& one_of(Random& random, const Texts& texts) {
  return texts[below(random, texts.size())];
}

std::string random_context(Random& random) {
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

logq::NamePatterns random_patterns(Random& random, const Texts& names) {
  logq::NamePatterns patterns;
  const auto pick = [&] {
    std::string name = one_of(random, names);
    if (chance(random, 4)) name = name.substr(0, 1) + "*";
    if (chance(random, 6)) name = "none.service";
    return name;
  };
  if (!chance(random, 3)) patterns.include.push_back(pick());
  if (chance(random, 3)) patterns.include.push_back(pick());
  if (chance(random, 4)) patterns.exclude.push_back(pick());
  return patterns;
}

logq::FieldTerm random_term(Random& random, Entries entries) {
  const MadeEntry& entry = entries[below(random, entries.size())];
  logq::FieldTerm term{.negated = chance(random, 4)};
  switch (below(random, 6)) {
    case 0:
      term.name = "_PID";
      term.value = std::to_string(entry.pid);
      break;
    case 1:
      term.name = "PRIORITY";
      term.value = std::to_string(entry.priority);
      break;
    case 2:
      term.name = "_BOOT_ID";
      term.value = entry.boot.hex();
      break;
    case 3:
      term.name = "CODE";
      term.value = chance(random, 2) ? "1" : "2";
      break;
    case 4:
      term.name = "_UID";
      term.value = chance(random, 2) ? "0" : "1000";
      break;
    default:
      term.name = "_SYSTEMD_UNIT";
      term.value = one_of(random, kUnits);
  }
  return term;
}

void add_text(Random& random, logq::Query& query) {
  query.text.include.push_back(one_of(random, kPatterns));
  if (chance(random, 3)) {
    query.text.include.push_back(one_of(random, kPatterns));
  }
  if (chance(random, 4))
    query.text.exclude.push_back(one_of(random, kPatterns));
  if (chance(random, 4)) query.text.case_sensitive = chance(random, 2);
}

}  // namespace

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
    const size_t count = 1 + below(random, in_segments - begin);
    const bool last = begin + count == in_segments;
    store.add_segment(
        entries.subspan(begin, count), 16 + below(random, 40),
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

logq::Query random_query(Random& random, Entries entries) {
  logq::Query query;
  const auto any_entry = [&]() -> const MadeEntry& {
    return entries[below(random, entries.size())];
  };
  if (chance(random, 3)) query.units = random_patterns(random, kUnits);
  if (chance(random, 4)) {
    query.identifiers = random_patterns(random, kIdentifiers);
  }
  if (chance(random, 3)) {
    query.priority_mask = static_cast<uint16_t>(1 + below(random, 511));
  }
  if (chance(random, 6)) query.facility_mask = chance(random, 2) ? 8 : 1032;
  if (chance(random, 3)) query.since_us = any_entry().realtime_us;
  if (chance(random, 3)) query.until_us = any_entry().realtime_us;
  if (chance(random, 4)) query.after_seq = any_entry().seq;
  if (chance(random, 5)) {
    query.boot = logq::BootSelector{.id = any_entry().boot};
  }
  query.kernel_only = chance(random, 8);
  if (chance(random, 3)) add_text(random, query);
  for (size_t groups = chance(random, 3) ? 1 + below(random, 2) : 0; groups > 0;
       --groups) {
    logq::FieldGroup group;
    for (size_t terms = 1 + below(random, 3); terms > 0; --terms) {
      group.push_back(random_term(random, entries));
    }
    query.groups.push_back(std::move(group));
  }
  if (chance(random, 2)) query.limit = below(random, 30);
  query.from_oldest = chance(random, 2);
  query.reverse = chance(random, 2);
  return query;
}

}  // namespace logq_test
