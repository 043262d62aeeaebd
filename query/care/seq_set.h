// A set of sequence numbers: which entries a deletion is about.
//
// One bit for each number, in pages of 65,536 that are made when one of theirs
// is added: 8 KiB for each block that holds a match, however many match.
#pragma once

#include <bitset>
#include <cstdint>
#include <map>

namespace logq {

class SeqSet {
 public:
  void add(uint64_t seq);
  void remove(uint64_t seq);
  bool contains(uint64_t seq) const;
  // Whether any number in [begin, end) is in the set.
  bool any_in(uint64_t begin, uint64_t end) const;
  uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr uint64_t kPageBits = 65536;
  using Page = std::bitset<kPageBits>;

  std::map<uint64_t, Page> pages_;
  uint64_t size_ = 0;
};

}  // namespace logq
