#include "query/engine/declared_units.h"

#include <utility>

#include "format/entry.h"
#include "query/engine/store_contexts.h"

namespace logq {

bool DeclaredUnits::contains(std::string_view name) {
  const std::lock_guard lock(mutex_);
  load();
  const auto known = units_.find(name);
  if (known == units_.end()) return false;
  Unit& unit = known->second;
  while (!unit.declared && !unit.files.empty()) {
    const size_t file = unit.files.back();
    unit.files.pop_back();
    look_into(file, name);
  }
  return unit.declared;
}

std::vector<std::string> DeclaredUnits::occurring_names() {
  const std::lock_guard lock(mutex_);
  load();
  std::vector<std::string> names;
  for (const auto& [name, unit] : units_) names.push_back(name);
  return names;
}

void DeclaredUnits::note(const logfmt::FieldList& context) {
  const std::lock_guard lock(mutex_);
  add(context);
}

void DeclaredUnits::add(const logfmt::FieldList& context) {
  for (const logfmt::Field& field : context) {
    const bool declares = field.name == logfmt::field::kUnit;
    if (!declares && field.name != logfmt::field::kUserUnit) continue;
    Unit* const named = unit(field.value);
    if (named != nullptr && declares) named->declared = true;
  }
}

// Null for one name too many.
DeclaredUnits::Unit* DeclaredUnits::unit(std::string_view name) {
  const auto known = units_.find(name);
  if (known != units_.end()) return &known->second;
  if (mentions_ >= kUnitMentionsMax) return nullptr;
  ++mentions_;
  return &units_[std::string(name)];
}

// Damage is not reported from here: the query itself meets the same files.
void DeclaredUnits::load() {
  if (std::exchange(loaded_, true)) return;
  auto snapshot = Snapshot::take(*store_);
  if (!snapshot) return;
  snapshot_.emplace(std::move(*snapshot));
  for (size_t i = 0; i < snapshot_->files().size(); ++i) {
    const auto segment = snapshot_->open_segment(i);
    if (!segment || !segment->sealed()) {
      (void)for_each_context(*snapshot_, i,
                             [&](const auto& fields) { add(fields); });
      continue;
    }
    for (const auto& [name, blocks] : segment->footer().units) {
      Unit* const named = unit(name);
      if (named == nullptr || mentions_ >= kUnitMentionsMax) continue;
      ++mentions_;
      named->files.push_back(i);
    }
  }
}

// By the footer as it is now: the segment may have been rewritten since.
void DeclaredUnits::look_into(size_t file, std::string_view name) {
  const auto segment = snapshot_->open_segment(file);
  if (!segment) return;
  const auto named = segment->footer().units.find(name);
  if (named == segment->footer().units.end()) return;
  for (size_t i = 0; i < segment->blocks().size(); ++i) {
    if ((named->second >> i & 1) == 0) continue;
    const auto block = segment->read_block(i);
    if (!block) continue;
    for (uint32_t id = 0; id < block->context_count(); ++id) {
      add(block->context_fields(id));
    }
    if (units_.find(name)->second.declared) return;
  }
}

}  // namespace logq
