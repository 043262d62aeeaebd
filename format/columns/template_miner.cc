#include "format/columns/template_miner.h"

#include "format/columns/line_text.h"

namespace logfmt {

uint32_t TemplateMiner::add(uint32_t sender, const FieldList& payload) {
  text_.clear();
  append_line_text(payload, text_);
  const uint32_t line = texts_.intern(text_);
  if (line < lines_.size()) return line;
  const std::string_view kept = pool_.keep(text_);
  texts_.move_value(line, kept);
  auto first_variable = static_cast<uint32_t>(variables_.size());
  size_t slots = 1;
  if (split()) {
    slots = spans_.size();
    for (const Span& span : spans_) {
      variables_.push_back({static_cast<uint16_t>(span.offset),
                            static_cast<uint16_t>(span.bytes)});
    }
  } else {
    pattern_.assign(1, kSlot);
    first_variable = kWholeText;
  }
  const uint32_t id = pattern_ids_.intern(pattern_, sender);
  if (id == patterns_.size()) {
    patterns_.push_back({pattern_, static_cast<uint32_t>(slots), 0});
    pattern_ids_.move_value(id, patterns_.back().text);
  }
  ++patterns_[id].lines;
  lines_.push_back(
      {.text = kept.data(), .pattern = id, .first_variable = first_variable});
  return line;
}

// The pattern and the variables of text_; false where it has to be one
// variable as a whole.
bool TemplateMiner::split() {
  pattern_.clear();
  spans_.clear();
  if (text_.size() > kSplitTextBytesMax) return false;
  split_words(text_, pattern_, spans_);
  return spans_.size() <= kSlotsMax;
}

void TemplateMiner::clear() {
  texts_.clear();
  pool_.clear();
  lines_.clear();
  variables_.clear();
  patterns_.clear();
  pattern_ids_.clear();
}

}  // namespace logfmt
