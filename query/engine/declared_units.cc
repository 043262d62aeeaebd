#include "query/engine/declared_units.h"

#include "format/entry.h"
#include "query/engine/snapshot.h"
#include "query/engine/store_contexts.h"

namespace logq {

bool DeclaredUnits::contains(std::string_view name) {
  load();
  return names_.contains(name);
}

const std::set<std::string, std::less<>>& DeclaredUnits::names() {
  load();
  return names_;
}

void DeclaredUnits::note(const logfmt::FieldList& context) {
  for (const logfmt::Field& field : context) {
    const bool is_unit = field.name == logfmt::field::kUnit ||
                         field.name == logfmt::field::kUserUnit;
    if (!is_unit || names_.size() >= kDeclaredUnitsMax) continue;
    if (const auto at = names_.find(field.value); at == names_.end()) {
      names_.emplace(field.value);
    }
  }
}

// Damage is not reported from here: the query itself meets the same files.
void DeclaredUnits::load() {
  if (std::exchange(loaded_, true)) return;
  auto snapshot = Snapshot::take(*store_);
  if (!snapshot) return;
  for (size_t i = 0; i < snapshot->files().size(); ++i) {
    const auto segment = snapshot->open_segment(i);
    if (!segment || !segment->sealed()) {
      (void)for_each_context(*snapshot, i,
                             [&](const auto& fields) { note(fields); });
      continue;
    }
    for (const auto& [name, blocks] : segment->footer().units) {
      if (names_.size() < kDeclaredUnitsMax) names_.insert(name);
    }
  }
}

}  // namespace logq
