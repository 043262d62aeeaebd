// zstd behind two calls. Contexts are kept and reused: creating one costs more
// than compressing a small frame. Not thread-safe; one object a thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logfmt {

// How the bytes of a frame are stored; the number is on disk.
enum class Compression : uint8_t { kNone = 0, kZstd = 1 };

class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  // Appends `raw` to `out`, compressed where that makes it smaller, and says
  // which it was. `cuts`: rising offsets in `raw` at which bytes of another
  // kind begin; zstd counts what is behind the next one anew.
  Compression append(std::string_view raw, int level, std::string& out,
                     std::span<const size_t> cuts = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  // `raw_bytes` is what the header promised; anything else is corruption. The
  // caller has checked it against kFrameRawBytesMax.
  Status decompress(std::string_view stored, Compression how, size_t raw_bytes,
                    std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace logfmt
