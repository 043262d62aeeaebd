#include "format/columns/template_miner.h"

#include "format/columns/line_text.h"

namespace logfmt {

void TemplateMiner::add(uint32_t sender, const FieldList& payload) {
  const auto begin = static_cast<uint32_t>(texts_.size());
  append_line_text(payload, texts_);
  const auto text = std::string_view(texts_).substr(begin);
  const auto first_variable = static_cast<uint32_t>(variables_.size());
  pattern_.clear();
  if (text.size() <= kSplitTextBytesMax) {
    split_words(text, pattern_, variables_);
  }
  size_t slots = variables_.size() - first_variable;
  if (text.size() > kSplitTextBytesMax || slots > kSlotsMax) {
    variables_.resize(first_variable);
    variables_.push_back({0, static_cast<uint32_t>(text.size())});
    pattern_.assign(1, kSlot);
    slots = 1;
  }
  for (size_t i = first_variable; i < variables_.size(); ++i) {
    variables_[i].offset += begin;
  }
  const uint32_t id = pattern_ids_.intern(pattern_, sender);
  if (id == patterns_.size()) {
    patterns_.push_back({pattern_, static_cast<uint32_t>(slots), 0});
    pattern_ids_.move_value(id, patterns_.back().text);
  }
  ++patterns_[id].lines;
  lines_.push_back({.pattern = id,
                    .first_variable = first_variable,
                    .text = {begin, static_cast<uint32_t>(text.size())}});
}

void TemplateMiner::clear() {
  texts_.clear();
  lines_.clear();
  variables_.clear();
  patterns_.clear();
  pattern_ids_.clear();
}

}  // namespace logfmt
