#include "format/columns/head_finder.h"

#include <algorithm>
#include <string_view>

#include "format/columns/line_text.h"
#include "format/columns/value_table.h"

namespace logfmt {
namespace {

// A head has to be worth the trouble: so many lines, and this part of all.
constexpr uint64_t kLinesMin = 16;
constexpr uint64_t kLinesShareMin = 50;  // one in so many

// A beginning that several patterns may have in common.
struct Candidate {
  uint32_t slots = 0;
  uint64_t lines = 0;
  uint32_t patterns = 0;
};

static_assert(kBlockRowsMax * kHeadSlotsMax < kValuesMax);

class HeadFinder {
 public:
  explicit HeadFinder(const std::deque<TemplateMiner::Pattern>& patterns)
      : patterns_(patterns) {
    heads_.of_pattern.assign(patterns.size(), kNoHead);
    for (const auto& pattern : patterns) {
      lines_ += pattern.lines;
      list_beginnings(pattern.text);
    }
    first_beginning_.push_back(static_cast<uint32_t>(beginnings_.size()));
  }

  Heads find() {
    while (heads_.slots.size() < kHeadsMax && take_best()) {
    }
    return std::move(heads_);
  }

 private:
  void list_beginnings(std::string_view text) {
    first_beginning_.push_back(static_cast<uint32_t>(beginnings_.size()));
    uint32_t slots = 0;
    for (size_t at = text.find(kSlot);
         at != std::string_view::npos && slots < kHeadSlotsMax;
         at = text.find(kSlot, at + 1)) {
      const uint32_t id = ids_.intern(text.substr(0, at + 1));
      if (id == candidates_.size()) candidates_.push_back({.slots = slots + 1});
      beginnings_.push_back(id);
      ++slots;
    }
  }

  template <class Visit>
  void each_beginning(size_t pattern, Visit&& visit) const {
    for (uint32_t i = first_beginning_[pattern];
         i < first_beginning_[pattern + 1]; ++i) {
      visit(beginnings_[i]);
    }
  }

  void count() {
    for (Candidate& candidate : candidates_) {
      candidate.lines = candidate.patterns = 0;
    }
    for (size_t i = 0; i < patterns_.size(); ++i) {
      if (heads_.of_pattern[i] != kNoHead) continue;
      each_beginning(i, [&](uint32_t id) {
        candidates_[id].lines += patterns_[i].lines;
        ++candidates_[id].patterns;
      });
    }
  }

  // The one that saves most variables from being kept by template.
  bool take_best() {
    count();
    const uint64_t lines_min = std::max(kLinesMin, lines_ / kLinesShareMin);
    const Candidate* best = nullptr;
    const auto worth = [](const Candidate& c) { return c.lines * c.slots; };
    for (const Candidate& candidate : candidates_) {
      if (candidate.lines < lines_min || candidate.patterns < 2) continue;
      if (best == nullptr || worth(candidate) > worth(*best)) {
        best = &candidate;
      }
    }
    if (best == nullptr) return false;
    const auto head = static_cast<uint32_t>(heads_.slots.size());
    const auto best_id = static_cast<uint32_t>(best - candidates_.data());
    for (size_t i = 0; i < patterns_.size(); ++i) {
      if (heads_.of_pattern[i] != kNoHead) continue;
      each_beginning(i, [&](uint32_t id) {
        if (id == best_id) heads_.of_pattern[i] = head;
      });
    }
    heads_.slots.push_back(best->slots);
    return true;
  }

  const std::deque<TemplateMiner::Pattern>& patterns_;
  Heads heads_;
  uint64_t lines_ = 0;
  ValueTable ids_;  // of beginnings
  std::vector<Candidate> candidates_;
  // Of pattern n: from first_beginning_[n] up to first_beginning_[n + 1].
  std::vector<uint32_t> first_beginning_;
  std::vector<uint32_t> beginnings_;
};

}  // namespace

Heads find_heads(const std::deque<TemplateMiner::Pattern>& patterns) {
  return HeadFinder(patterns).find();
}

}  // namespace logfmt
