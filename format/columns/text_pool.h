// Keeps copies of texts at places that do not change, until clear().
//
// Memory comes in chunks, of which the last one alone is partly unused, and is
// kept for the next texts; only a text that is larger than a chunk gives back
// its room. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace logfmt {

class TextPool {
 public:
  std::string_view keep(std::string_view text);
  void clear();

 private:
  using Chunk = std::unique_ptr<char[]>;

  std::vector<Chunk> chunks_;
  std::vector<Chunk> large_;  // of one text each
  size_t chunks_begun_ = 0;
  size_t used_ = 0;  // of the last chunk begun
};

}  // namespace logfmt
