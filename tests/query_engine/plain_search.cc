#include "tests/query_engine/plain_search.h"

#include <fnmatch.h>
#include <re2/re2.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace logq_test {
namespace {

using Values = std::multimap<std::string, std::string>;
using Names = std::vector<std::string>;

Names names_in(const Values& values, const std::string& field) {
  Names names;
  const auto [begin, end] = values.equal_range(field);
  for (auto at = begin; at != end; ++at) names.push_back(at->second);
  return names;
}

Values values_of(const MadeEntry& entry) {
  Values values;
  for (const std::string* list : {&entry.context, &entry.payload}) {
    for (const auto& [name, value] : logfmt::FieldList(*list)) {
      values.emplace(name, value);
    }
  }
  if (entry.priority < 8) {
    values.emplace("PRIORITY", std::to_string(entry.priority));
  }
  if (entry.pid != 0) values.emplace("_PID", std::to_string(entry.pid));
  values.emplace("_BOOT_ID", entry.boot.hex());
  for (const std::string& transport : names_in(values, "_TRANSPORT")) {
    if (transport == "syslog" || transport == "journal") {
      values.emplace("_SOURCE_REALTIME_TIMESTAMP",
                     std::to_string(entry.realtime_us));
    }
  }
  return values;
}

bool any_glob(const Names& patterns, const Names& names) {
  for (const auto& pattern : patterns) {
    for (const auto& name : names) {
      if (fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0) {
        return true;
      }
    }
  }
  return false;
}

bool names_match(const logq::NamePatterns& patterns, const Names& names) {
  return (patterns.include.empty() || any_glob(patterns.include, names)) &&
         !any_glob(patterns.exclude, names);
}

using Declared = std::set<std::string>;

Names identifier_names(const Names& identifiers, const Declared& declared) {
  Names names;
  for (const auto& identifier : identifiers) {
    for (const auto& name : {identifier, identifier + ".service"}) {
      if (!declared.contains(name)) names.push_back(name);
    }
  }
  return names;
}

// The units that the daemon's own entries tell of.
Names objects_of(const Values& values, const Declared& declared) {
  if (names_in(values, "_TRANSPORT") != Names{"driver"}) return {};
  const Names objects = names_in(values, "OBJECT_UNIT");
  return values.contains("OBJECT_UNIT_FROM")
             ? identifier_names(objects, declared)
             : objects;
}

Names units_of(const Values& values, const Declared& declared) {
  Names units = names_in(values, "_SYSTEMD_UNIT");
  for (auto& unit : names_in(values, "_SYSTEMD_USER_UNIT")) {
    units.push_back(unit);
  }
  if (units.empty()) {
    units = identifier_names(names_in(values, "SYSLOG_IDENTIFIER"), declared);
  }
  for (auto& unit : objects_of(values, declared)) units.push_back(unit);
  return units;
}

bool group_matches(const logq::FieldGroup& group, const Values& values) {
  std::map<std::string, bool> positive;
  for (const auto& term : group) {
    const Names found = names_in(values, term.name);
    const bool met =
        std::find(found.begin(), found.end(), term.value) != found.end();
    if (term.negated) {
      if (met) return false;
    } else {
      positive[term.name] = positive[term.name] || met;
    }
  }
  return std::all_of(positive.begin(), positive.end(),
                     [](const auto& field) { return field.second; });
}

using Regexes = std::deque<RE2>;

Regexes compiled(const std::vector<std::string>& patterns,
                 const logq::TextFilter& filter) {
  Regexes regexes;
  for (const std::string& pattern : patterns) {
    const bool has_capitals = std::any_of(pattern.begin(), pattern.end(),
                                          [](char c) { return isupper(c); });
    RE2::Options options;
    options.set_case_sensitive(filter.case_sensitive.value_or(has_capitals));
    regexes.emplace_back(pattern, options);
  }
  return regexes;
}

// What belongs to the query and not to one entry.
struct Asked {
  const logq::Query& query;
  Declared declared{};
  Regexes include = compiled(query.text.include, query.text);
  Regexes exclude = compiled(query.text.exclude, query.text);
};

bool text_matches(const MadeEntry& entry, const Asked& asked) {
  std::optional<std::string> message;
  for (const auto& [name, value] : logfmt::FieldList(entry.payload)) {
    if (name == "MESSAGE") message = value;
  }
  const auto any = [&](const Regexes& regexes) {
    return message &&
           std::any_of(regexes.begin(), regexes.end(), [&](const RE2& regex) {
             return RE2::PartialMatch(*message, regex);
           });
  };
  return (asked.include.empty() || any(asked.include)) && !any(asked.exclude);
}

bool entry_matches(const MadeEntry& entry, const Asked& asked) {
  const logq::Query& query = asked.query;
  const Values values = values_of(entry);
  const auto has = [&](const std::string& name, const std::string& value) {
    const Names found = names_in(values, name);
    return std::find(found.begin(), found.end(), value) != found.end();
  };
  if (entry.seq <= query.after_seq || entry.realtime_us < query.since_us ||
      entry.realtime_us > query.until_us ||
      (query.priority_mask >> entry.priority & 1) == 0 ||
      (query.boot && query.boot->id != entry.boot) ||
      (query.kernel_only && !has("_TRANSPORT", "kernel"))) {
    return false;
  }
  if (query.facility_mask != 0) {
    bool any = false;
    for (unsigned i = 0; i < 24; ++i) {
      any = any || ((query.facility_mask >> i & 1) != 0 &&
                    has("SYSLOG_FACILITY", std::to_string(i)));
    }
    if (!any) return false;
  }
  const bool groups =
      query.groups.empty() ||
      std::any_of(query.groups.begin(), query.groups.end(),
                  [&](const auto& g) { return group_matches(g, values); });
  return groups && text_matches(entry, asked) &&
         names_match(query.units, units_of(values, asked.declared)) &&
         names_match(query.identifiers, names_in(values, "SYSLOG_IDENTIFIER"));
}

}  // namespace

std::vector<uint64_t> plain_search(Entries entries, const logq::Query& query) {
  Asked asked{.query = query};
  for (const MadeEntry& entry : entries) {
    for (const auto& [name, value] : logfmt::FieldList(entry.context)) {
      if (name == "_SYSTEMD_UNIT") {
        asked.declared.emplace(value);
      }
    }
  }
  std::vector<uint64_t> found;
  for (const MadeEntry& entry : entries) {
    if (entry_matches(entry, asked)) found.push_back(entry.seq);
  }
  if (query.limit && found.size() > *query.limit) {
    const auto limit = static_cast<std::ptrdiff_t>(*query.limit);
    if (query.from_oldest) {
      found.erase(found.begin() + limit, found.end());
    } else {
      found.erase(found.begin(), found.end() - limit);
    }
  }
  if (query.reverse) std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace logq_test
