// FIELD=VALUE terms: decided as early as what is known allows.
//
// Most terms name fields of the context and are decided once for each context;
// the others wait for the entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/entry.h"
#include "format/segment_footer.h"
#include "query/engine/query.h"

namespace logq {

enum class Truth : uint8_t { kNo, kMaybe, kYes };

// Trusted fields that say who the sender is. logd keeps them in the context
// and nowhere else; other trusted fields may differ from entry to entry.
bool is_sender_field(std::string_view name);

class FieldMatcher {
 public:
  explicit FieldMatcher(const std::vector<FieldGroup>& groups);

  bool empty() const { return groups_.empty(); }
  // kMaybe: depends on the entry.
  Truth judge_context(const logfmt::FieldList& context) const;
  bool matches(const logfmt::EntryView& entry) const;
  // Whether matches() can do without the payloads of a block: no term names a
  // field that occurs there, by the footer of its segment. Then two entries
  // with the same context, boot, pid and priority get the same answer.
  bool columns_decide(const logfmt::NameTable& fields, size_t block) const;

 private:
  // Terms of one field and one sign: any of the values satisfies it.
  struct Clause {
    std::string name;
    std::vector<std::string> values;
    bool negated;
    bool context_only;
  };
  using Group = std::vector<Clause>;

  static Truth judge(const Clause& clause, const logfmt::FieldList& context);
  static bool holds(const Clause& clause, const logfmt::EntryView& entry);

  std::vector<Group> groups_;
};

}  // namespace logq
