#include "query/care/seq_set.h"

#include <algorithm>

namespace logq {

void SeqSet::add(uint64_t seq) {
  auto bit = pages_[seq / kPageBits][seq % kPageBits];
  if (!bit) ++size_;
  bit = true;
}

void SeqSet::remove(uint64_t seq) {
  const auto page = pages_.find(seq / kPageBits);
  if (page == pages_.end() || !page->second[seq % kPageBits]) return;
  page->second[seq % kPageBits] = false;
  --size_;
}

bool SeqSet::contains(uint64_t seq) const {
  const auto page = pages_.find(seq / kPageBits);
  return page != pages_.end() && page->second[seq % kPageBits];
}

bool SeqSet::any_in(uint64_t begin, uint64_t end) const {
  for (auto page = pages_.lower_bound(begin / kPageBits);
       page != pages_.end() && page->first * kPageBits < end; ++page) {
    const uint64_t page_begin = page->first * kPageBits;
    const uint64_t from = std::max(begin, page_begin) - page_begin;
    const uint64_t to = std::min(end - page_begin, kPageBits);
    for (uint64_t i = from; i < to; ++i) {
      if (page->second[i]) return true;
    }
  }
  return false;
}

}  // namespace logq
