#include "tests/query_engine/random_query.h"

#include "tests/query_engine/text_patterns.h"

namespace logq_test {
namespace {

using Texts = std::vector<std::string>;

const MadeEntry& any_entry(Random& random, Entries entries) {
  return entries[below(random, entries.size())];
}

// Values of a context field, of a few entries.
Texts values_of(Random& random, Entries entries, std::string_view name) {
  Texts values;
  for (int i = 0; i < 8; ++i) {
    const auto& entry = any_entry(random, entries);
    const auto value = logfmt::FieldList(entry.context).find(name);
    if (value) values.emplace_back(*value);
  }
  values.emplace_back("none.service");
  return values;
}

std::string as_pattern(Random& random, std::string name) {
  switch (below(random, 8)) {
    case 0:
      return name.substr(0, 1) + "*";
    case 1:
      return "*" + name.substr(name.size() / 2);
    case 2:
      name[below(random, name.size())] = '?';
      return name;
    default:
      return name;
  }
}

logq::NamePatterns patterns_of(Random& random, const Texts& names) {
  logq::NamePatterns patterns;
  const auto pick = [&] {
    return as_pattern(random, names[below(random, names.size())]);
  };
  if (!chance(random, 3)) patterns.include.push_back(pick());
  if (chance(random, 3)) patterns.include.push_back(pick());
  if (chance(random, 4)) patterns.exclude.push_back(pick());
  return patterns;
}

logq::NamePatterns some_units(Random& random, Entries entries) {
  Texts names = values_of(random, entries, "_SYSTEMD_UNIT");
  for (const auto& name : values_of(random, entries, "_SYSTEMD_USER_UNIT")) {
    names.push_back(name);
  }
  // By these names entries answer that no unit claims.
  for (const auto& name : values_of(random, entries, "SYSLOG_IDENTIFIER")) {
    names.insert(names.end(), {name, name + ".service"});
  }
  for (const auto& name : values_of(random, entries, "OBJECT_UNIT")) {
    names.push_back(name);
  }
  return patterns_of(random, names);
}

logq::FieldTerm some_term(Random& random, Entries entries) {
  const MadeEntry& entry = any_entry(random, entries);
  logq::FieldTerm term{.negated = chance(random, 4)};
  switch (below(random, 10)) {
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
      term.name = "_SOURCE_REALTIME_TIMESTAMP";
      term.value = std::to_string(entry.realtime_us);
      break;
    default: {
      const auto& list = chance(random, 2) ? entry.context : entry.payload;
      for (const auto& [name, value] : logfmt::FieldList(list)) {
        if (!term.name.empty() && chance(random, 2)) continue;
        term.name = name;
        term.value = value;
      }
    }
  }
  if (term.name.empty()) term.name = "NOTHING";
  if (chance(random, 8)) term.value += "0";
  if (chance(random, 8)) term.value = term.value.substr(0, 3);
  return term;
}

std::vector<logq::FieldGroup> some_groups(Random& random, Entries entries) {
  std::vector<logq::FieldGroup> groups(1 + below(random, 2));
  for (logq::FieldGroup& group : groups) {
    for (size_t terms = 1 + below(random, 3); terms > 0; --terms) {
      group.push_back(some_term(random, entries));
    }
  }
  return groups;
}

logq::TextFilter some_text(Random& random, Entries entries) {
  logq::TextFilter text;
  if (!chance(random, 6)) {
    text.include.push_back(random_pattern(random, entries));
  }
  if (chance(random, 5)) {
    text.include.push_back(random_pattern(random, entries));
  }
  if (text.empty() || chance(random, 6)) {
    text.exclude.push_back(random_pattern(random, entries));
  }
  if (chance(random, 3)) text.case_sensitive = chance(random, 2);
  return text;
}

void choose_output(Random& random, logq::Query& query) {
  if (chance(random, 2)) query.limit = below(random, 30);
  query.from_oldest = chance(random, 2);
  query.reverse = chance(random, 2);
}

// Exactly at an entry's time, and one beside it.
uint64_t some_time(Random& random, Entries entries) {
  return any_entry(random, entries).realtime_us + below(random, 3) - 1;
}

}  // namespace

logq::Query random_query(Random& random, Entries entries) {
  logq::Query query;
  if (chance(random, 3)) query.units = some_units(random, entries);
  if (chance(random, 4)) {
    query.identifiers =
        patterns_of(random, values_of(random, entries, "SYSLOG_IDENTIFIER"));
  }
  if (chance(random, 3)) {
    query.priority_mask = static_cast<uint16_t>(1 + below(random, 511));
  }
  if (chance(random, 6)) query.facility_mask = chance(random, 2) ? 8 : 1032;
  if (chance(random, 3)) query.since_us = some_time(random, entries);
  if (chance(random, 3)) query.until_us = some_time(random, entries);
  if (chance(random, 4)) query.after_seq = any_entry(random, entries).seq;
  if (chance(random, 5)) {
    query.boot = logq::BootSelector{.id = any_entry(random, entries).boot};
  }
  query.kernel_only = chance(random, 8);
  if (chance(random, 3)) query.text = some_text(random, entries);
  if (chance(random, 3)) query.groups = some_groups(random, entries);
  choose_output(random, query);
  return query;
}

std::vector<logq::Query> single_filters(Random& random, Entries entries) {
  std::vector<logq::Query> queries{
      {},
      {.units = some_units(random, entries)},
      {.identifiers = patterns_of(
           random, values_of(random, entries, "SYSLOG_IDENTIFIER"))},
      {.priority_mask = static_cast<uint16_t>(1 << below(random, 9))},
      {.facility_mask = 1u << 3},
      {.since_us = some_time(random, entries)},
      {.until_us = some_time(random, entries)},
      {.boot = logq::BootSelector{.id = any_entry(random, entries).boot}},
      {.kernel_only = true},
      {.groups = some_groups(random, entries)},
      {.groups = {{some_term(random, entries)}}},
      text_query(random, entries),
      {.after_seq = any_entry(random, entries).seq},
  };
  for (logq::Query& query : queries) choose_output(random, query);
  return queries;
}

logq::Query text_query(Random& random, Entries entries) {
  logq::Query query{.text = some_text(random, entries)};
  if (chance(random, 3)) choose_output(random, query);
  return query;
}

}  // namespace logq_test
