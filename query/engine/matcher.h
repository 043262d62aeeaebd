// A query, made ready to be asked of one store.
//
// What needs least is asked first: a block's header, then the context (once
// for each, not once for each row), then the row's columns, and the text of
// those entries only that are still in question. Every stage may let pass what
// a later one refuses; none refuses what a later one would let pass.
//
// const members may be called from any thread. The DeclaredUnits must outlive
// the matcher.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/block_header.h"
#include "format/entry.h"
#include "query/engine/block_pruning.h"
#include "query/engine/declared_units.h"
#include "query/engine/field_matcher.h"
#include "query/engine/name_filter.h"
#include "query/engine/query.h"
#include "query/engine/text_matcher.h"

namespace logq {

class Matcher {
 public:
  // `boot`: what query.boot stands for; the matcher cannot count boots.
  static logfmt::Result<Matcher> compile(const Query& query,
                                         std::optional<logfmt::Id128> boot,
                                         DeclaredUnits& units);

  // False only where no entry of the block can match; its header's table of
  // names is only as good as hashes.
  bool wants_block(const logfmt::BlockHeader& header) const;
  // The same by the names that the footer of a sealed segment knows exactly.
  BlockMask wanted_blocks(const logfmt::SegmentFooter& footer) const {
    return pruning_.blocks_that_may_match(footer);
  }
  // True only where wants_row() and wants_boot() would be true of every row of
  // a block that is wanted.
  bool wants_all_rows(const logfmt::BlockHeader& header) const;
  bool wants_boot(const logfmt::Id128& boot) const {
    return !boot_ || *boot_ == boot;
  }
  uint64_t after_seq() const { return after_seq_; }

  // Everything about an entry that its context decides.
  Truth judge_context(const logfmt::FieldList& context) const;
  bool wants_row(uint64_t seq, uint64_t realtime_us, uint8_t priority) const;
  // The rest, for an entry that passed all of the above.
  bool needs_entry(Truth context) const {
    return context == Truth::kMaybe || !text_.empty();
  }
  bool matches(const logfmt::EntryView& entry, Truth context) const;

  const TextMatcher& text() const { return text_; }
  const FieldMatcher& fields() const { return fields_; }

 private:
  Matcher(const Query& query, std::optional<logfmt::Id128> boot,
          TextMatcher text, DeclaredUnits& units);

  bool unit_passes(const logfmt::FieldList& context) const;
  bool names_pass(const std::vector<std::string>& names) const;
  void add_names_of(std::optional<std::string_view> identifier,
                    std::vector<std::string>& names) const;
  void add_object(const logfmt::FieldList& context,
                  std::vector<std::string>& names) const;
  bool identifier_passes(const logfmt::FieldList& context) const;
  bool facility_passes(const logfmt::FieldList& context) const;

  NameFilter units_;
  NameFilter identifiers_;
  BlockPruning pruning_;
  uint16_t priority_mask_;
  uint32_t facility_mask_;
  uint64_t since_us_;
  uint64_t until_us_;
  uint64_t after_seq_;
  bool kernel_only_;
  std::optional<logfmt::Id128> boot_;
  FieldMatcher fields_;
  TextMatcher text_;
  DeclaredUnits* declared_;
};

}  // namespace logq
