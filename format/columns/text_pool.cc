#include "format/columns/text_pool.h"

#include <algorithm>

namespace logfmt {
namespace {

constexpr size_t kChunkBytes = 256 << 10;

}  // namespace

std::string_view TextPool::keep(std::string_view text) {
  char* to = nullptr;
  if (text.size() > kChunkBytes) {
    large_.push_back(std::make_unique_for_overwrite<char[]>(text.size()));
    to = large_.back().get();
  } else {
    if (chunks_begun_ == 0 || text.size() > kChunkBytes - used_) {
      if (chunks_begun_ == chunks_.size()) {
        chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunkBytes));
      }
      ++chunks_begun_;
      used_ = 0;
    }
    to = chunks_[chunks_begun_ - 1].get() + used_;
    used_ += text.size();
  }
  std::copy(text.begin(), text.end(), to);
  return {to, text.size()};
}

void TextPool::clear() {
  large_.clear();
  chunks_begun_ = 0;
  used_ = 0;
}

}  // namespace logfmt
