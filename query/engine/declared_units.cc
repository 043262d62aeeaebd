#include "query/engine/declared_units.h"

#include <utility>

#include "format/entry.h"
#include "query/engine/store_contexts.h"

namespace logq {

bool DeclaredUnits::contains(std::string_view name) {
  load();
  const auto known = units_.find(name);
  if (known == units_.end()) return false;
  Unit& unit = known->second;
  while (!unit.declared && !unit.places.empty()) {
    look_at(unit.places.back());
    unit.places.pop_back();
  }
  return unit.declared;
}

std::vector<std::string> DeclaredUnits::occurring_names() {
  load();
  std::vector<std::string> names;
  for (const auto& [name, unit] : units_) names.push_back(name);
  return names;
}

void DeclaredUnits::note(const logfmt::FieldList& context) {
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
                             [&](const auto& fields) { note(fields); });
      continue;
    }
    for (const auto& [name, blocks] : segment->footer().units) {
      Unit* const named = unit(name);
      if (named == nullptr || mentions_ >= kUnitMentionsMax) continue;
      ++mentions_;
      named->places.push_back({.file = i, .blocks = blocks});
    }
  }
}

void DeclaredUnits::look_at(const Place& place) {
  const auto segment = snapshot_->open_segment(place.file);
  if (!segment) return;
  for (size_t i = 0; i < segment->blocks().size(); ++i) {
    if ((place.blocks >> i & 1) == 0) continue;
    const auto block = segment->read_block(i);
    if (!block) continue;
    for (uint32_t id = 0; id < block->context_count(); ++id) {
      note(block->context_fields(id));
    }
  }
}

}  // namespace logq
