// Room to put a text together from many small pieces. std::string calls a
// function for each of them; here a piece costs a comparison and a copy.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace logfmt {

class TextBuffer {
 public:
  void append(std::string_view bytes) {
    if (bytes.size() > capacity_ - size_) grow(bytes.size());
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void clear() { size_ = 0; }
  size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  void grow(size_t by) {
    capacity_ = std::max(size_ + by, 2 * capacity_);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
  }

  size_t capacity_ = 512;
  size_t size_ = 0;
  std::unique_ptr<char[]> bytes_ =
      std::make_unique_for_overwrite<char[]>(capacity_);
};

}  // namespace logfmt
