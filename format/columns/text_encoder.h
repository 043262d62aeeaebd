// Turns the payloads of a block into templates and columns.
//
//   strings := templates descriptors values        (see text_encoder.cc)
//   numbers := planes of all columns, one after the other
//
// A template is what many lines have in common; each of its slots is a column
// of its own. Lines of templates that are seen rarely have one column for all
// that follows their head. docs/segment_format.md,
// "Strings and numbers parts", is authoritative.
//
// encode() depends on nothing but what was added. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/columns/column_encoder.h"
#include "format/columns/head_finder.h"
#include "format/columns/template_miner.h"

namespace logfmt {

struct EncodedText {
  std::vector<uint64_t> templates{};  // by line
  std::string strings{};
  PlaneStream numbers{};
};

class TextEncoder {
 public:
  // `sender` tells those apart who hardly ever say the same: a number for each
  // identifier.
  // The number of the payload's line: those that are the same are one.
  uint32_t add(uint32_t sender, const FieldList& payload) {
    return miner_.add(sender, payload);
  }
  size_t lines() const { return miner_.lines().size(); }

  // Of what was added since the last call.
  EncodedText encode();

 private:
  struct Template {
    std::string text{};
    uint32_t head = kNoHead;
    uint32_t slots = 0;       // its own, those behind the head
    bool keeps_rest = false;  // its one slot is all behind the head
    std::vector<uint32_t> lines{};
  };
  struct Head {
    uint32_t slots = 0;
    uint32_t columns = 0;  // slots that are not the same in all lines
    std::vector<uint32_t> lines{};
    std::vector<ColumnKey> keys{};
  };

  void make_templates();
  uint32_t template_for_rest(uint32_t head, uint32_t pattern);
  void assign_lines();
  void order_by_use();
  void encode_head(uint32_t index);
  void encode_own_columns(Template& of);
  std::vector<ColumnKey> keys_of(const Template& of) const;
  void gather(const Template& from, size_t slot);
  void pack_values();
  void take_common_beginning(Template& of);
  void fold(Template& into, size_t slot, std::string_view constant);
  std::string write_templates() const;

  TemplateMiner miner_;
  ColumnEncoder columns_;
  ColumnStreams streams_;
  Heads heads_;
  std::vector<Template> templates_;
  std::vector<uint32_t> template_of_pattern_;
  std::vector<uint32_t> template_of_rest_;  // by head, the last: without one
  std::vector<Head> head_lines_;
  std::vector<uint32_t> head_ordinals_;   // of a line among its head's
  std::vector<std::string_view> values_;  // of one column
  std::string packed_;                    // the same, side by side
};

}  // namespace logfmt
