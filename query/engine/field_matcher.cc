#include "query/engine/field_matcher.h"

#include <algorithm>
#include <array>

#include "query/engine/stored_columns.h"

namespace logq {
namespace {

using logfmt::EntryView;
using logfmt::Field;
using logfmt::FieldList;

constexpr std::array<std::string_view, 11> kSenderFields{
    logfmt::field::kUnit,
    logfmt::field::kUserUnit,
    logfmt::field::kTransport,
    logfmt::field::kHostname,
    logfmt::field::kComm,
    logfmt::field::kUid,
    "_GID",
    "_EXE",
    "_CMDLINE",
    "_MACHINE_ID",
    "_SYSTEMD_CGROUP",
};

template <class Range>
bool contains(const Range& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool any_value_in(const FieldList& fields, std::string_view name,
                  const std::vector<std::string>& values) {
  for (const Field& field : fields) {
    if (field.name == name && contains(values, field.value)) return true;
  }
  return false;
}

}  // namespace

bool is_sender_field(std::string_view name) {
  return contains(kSenderFields, name);
}

FieldMatcher::FieldMatcher(const std::vector<FieldGroup>& groups) {
  for (const FieldGroup& terms : groups) {
    Group group;
    for (const FieldTerm& term : terms) {
      const auto same =
          std::find_if(group.begin(), group.end(), [&](const Clause& clause) {
            return clause.name == term.name && clause.negated == term.negated;
          });
      if (same != group.end()) {
        same->values.push_back(term.value);
        continue;
      }
      group.push_back({.name = term.name,
                       .values = {term.value},
                       .negated = term.negated,
                       .context_only = is_sender_field(term.name)});
    }
    groups_.push_back(std::move(group));
  }
}

Truth FieldMatcher::judge(const Clause& clause, const FieldList& context) {
  const Truth met = clause.negated ? Truth::kNo : Truth::kYes;
  const Truth unmet = clause.negated ? Truth::kYes : Truth::kNo;
  if (any_value_in(context, clause.name, clause.values)) return met;
  return clause.context_only ? unmet : Truth::kMaybe;
}

Truth FieldMatcher::judge_context(const FieldList& context) const {
  if (groups_.empty()) return Truth::kYes;
  Truth any = Truth::kNo;
  for (const Group& group : groups_) {
    Truth all = Truth::kYes;
    for (const Clause& clause : group) {
      all = std::min(all, judge(clause, context));
    }
    any = std::max(any, all);
  }
  return any;
}

bool FieldMatcher::holds(const Clause& clause, const EntryView& entry) {
  const auto column = column_value(entry, clause.name);
  const bool met = any_value_in(entry.context, clause.name, clause.values) ||
                   any_value_in(entry.payload, clause.name, clause.values) ||
                   (column && contains(clause.values, *column));
  return met != clause.negated;
}

bool FieldMatcher::matches(const EntryView& entry) const {
  return groups_.empty() ||
         std::any_of(groups_.begin(), groups_.end(), [&](const Group& group) {
           return std::all_of(
               group.begin(), group.end(),
               [&](const Clause& clause) { return holds(clause, entry); });
         });
}

bool FieldMatcher::columns_decide(const logfmt::NameTable& fields,
                                  size_t block) const {
  const auto needs_payload = [&](const Clause& clause) {
    if (clause.context_only) return false;
    const auto known = fields.find(clause.name);
    const bool occurs =
        known != fields.end() && (known->second >> block & 1) != 0;
    return occurs || clause.name == kSourceRealtimeField;
  };
  return std::none_of(groups_.begin(), groups_.end(), [&](const Group& group) {
    return std::any_of(group.begin(), group.end(), needs_payload);
  });
}

}  // namespace logq
