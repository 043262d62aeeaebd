#include "query/remarks.h"

#include <cstdio>

#include "query/engine/declared_units.h"
#include "query/engine/field_values.h"
#include "query/engine/oldest_entry.h"
#include "query/printable.h"
#include "query/stamp.h"
#include "query/suggestion.h"

namespace logq {
namespace {

constexpr std::string_view kServiceSuffix = ".service";

bool is_glob(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

// Units, and the identifiers that stand in for units, without the suffix.
std::vector<std::string> unit_names(std::span<const logfmt::StoreDir> stores) {
  DistinctValues found;
  for (const logfmt::StoreDir& store : stores) {
    DeclaredUnits declared(store);
    for (const auto& name : declared.occurring_names()) found.add(name);
    (void)collect_values(store, logfmt::field::kIdentifier, found);
  }
  std::vector<std::string> names;
  for (std::string name : found.values) {
    if (name.ends_with(kServiceSuffix)) {
      name.resize(name.size() - kServiceSuffix.size());
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

void remark(const std::string& line) {
  std::string text;
  append_visible(text, line, {});  // it may quote what a client sent
  text += '\n';
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
}

bool report(std::span<const logfmt::Gap> gaps) {
  for (const logfmt::Gap& gap : gaps) remark(gap.message());
  return !gaps.empty();
}

std::optional<std::string> unit_hint(std::span<const logfmt::StoreDir> stores,
                                     const Query& query) {
  if (query.units.include.size() != 1) return std::nullopt;
  std::string wanted = query.units.include.front();
  if (is_glob(wanted)) return std::nullopt;
  if (wanted.ends_with(kServiceSuffix)) {
    wanted.resize(wanted.size() - kServiceSuffix.size());
  }
  const std::vector<std::string> names = unit_names(stores);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto nearest = nearest_name(wanted, views);
  if (nearest.empty() || nearest == wanted) return std::nullopt;
  return "note: there are no entries of the unit \"" + wanted +
         "\"; did you mean \"" + std::string(nearest) + "\"?";
}

std::optional<std::string> range_hint(std::span<const logfmt::StoreDir> stores,
                                      const Query& query, bool utc) {
  if (query.since_us == 0) return std::nullopt;
  for (const logfmt::StoreDir& store : stores) {
    const auto oldest = oldest_entry(store);
    if (!oldest || oldest->seq <= kFirstSeqEver ||
        oldest->realtime_us <= query.since_us) {
      continue;
    }
    std::string line = "note: entries before ";
    Stamp(StampStyle::kFull, utc).append(line, oldest->realtime_us);
    return line + " are no longer kept in " + store.path();
  }
  return std::nullopt;
}

}  // namespace logq
