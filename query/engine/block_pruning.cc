#include "query/engine/block_pruning.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "format/checksum.h"
#include "query/engine/stored_columns.h"

namespace logq {
namespace {

using logfmt::NameTable;
using logfmt::SegmentFooter;

std::vector<uint32_t> hashes_of(const NameFilter& filter) {
  std::vector<uint32_t> hashes;
  if (!filter.plain()) return hashes;
  for (const std::string_view name : filter.plain_names()) {
    hashes.push_back(logfmt::name_hash(name));
  }
  return hashes;
}

// Identifiers by which entries without a unit answer to the unit names, and
// that of logd, which tells of units.
std::vector<uint32_t> identifier_hashes_of(const NameFilter& units) {
  std::vector<uint32_t> hashes = hashes_of(units);
  if (!units.plain()) return hashes;
  for (std::string_view name : units.plain_names()) {
    if (!name.ends_with(kServiceSuffix)) continue;
    name.remove_suffix(kServiceSuffix.size());
    hashes.push_back(logfmt::name_hash(name));
  }
  hashes.push_back(logfmt::name_hash(logfmt::kOwnIdentifier));
  return hashes;
}

bool may_contain_any(const logfmt::NameSummary& summary,
                     const std::vector<uint32_t>& hashes) {
  return std::any_of(hashes.begin(), hashes.end(),
                     [&](uint32_t hash) { return summary.may_contain(hash); });
}

template <class Test>
BlockMask blocks_where(const NameTable& names, Test test) {
  BlockMask mask = 0;
  for (const auto& [name, blocks] : names) {
    // Names that add no block need not be compared.
    if ((blocks & ~mask) != 0 && test(name)) mask |= blocks;
  }
  return mask;
}

BlockMask blocks_with(const NameTable& names, std::string_view name) {
  const auto known = names.find(name);
  return known == names.end() ? BlockMask{0} : BlockMask{known->second};
}

BlockMask blocks_of_units(const SegmentFooter& footer,
                          const NameFilter& units) {
  const BlockMask by_unit = blocks_where(
      footer.units, [&](const auto& name) { return units.includes(name); });
  const BlockMask by_identifier =
      blocks_where(footer.identifiers, [&](const auto& name) {
        return units.includes(name) ||
               units.includes(std::string(name).append(kServiceSuffix));
      });
  return by_unit | by_identifier |
         blocks_with(footer.fields, logfmt::field::kObjectUnit);
}

// Where the entries may be that have the field with one of the values. The
// names of columns are in no table.
BlockMask blocks_of_term(const SegmentFooter& footer, const FieldTerm& term) {
  if (term.negated || is_column(term.name)) return kAllBlocks;
  return blocks_with(footer.fields, term.name);
}

BlockMask blocks_of_groups(const SegmentFooter& footer,
                           const std::vector<FieldGroup>& groups) {
  if (groups.empty()) return kAllBlocks;
  BlockMask any = 0;
  for (const FieldGroup& group : groups) {
    BlockMask all = kAllBlocks;
    for (const FieldTerm& term : group) all &= blocks_of_term(footer, term);
    any |= all;
  }
  return any;
}

}  // namespace

BlockPruning::BlockPruning(const Query& query)
    : units_(query.units),
      identifiers_(query.identifiers),
      groups_(query.groups),
      unit_hashes_(hashes_of(units_)),
      unit_identifier_hashes_(identifier_hashes_of(units_)),
      identifier_hashes_(hashes_of(identifiers_)) {}

bool BlockPruning::may_match(const logfmt::BlockHeader& header) const {
  const bool unit_may_occur =
      unit_hashes_.empty() || may_contain_any(header.units, unit_hashes_) ||
      may_contain_any(header.identifiers, unit_identifier_hashes_);
  const bool identifier_may_occur =
      identifier_hashes_.empty() ||
      may_contain_any(header.identifiers, identifier_hashes_);
  return unit_may_occur && identifier_may_occur;
}

BlockMask BlockPruning::blocks_that_may_match(
    const SegmentFooter& footer) const {
  BlockMask mask = blocks_of_groups(footer, groups_);
  if (units_.selects()) mask &= blocks_of_units(footer, units_);
  if (identifiers_.selects()) {
    mask &= blocks_where(footer.identifiers, [&](const auto& name) {
      return identifiers_.includes(name);
    });
  }
  return mask;
}

}  // namespace logq
