#include "format/compression.h"

#include <zstd.h>

#include <new>

namespace logfmt {
namespace {

template <class T>
T* check_allocated(T* pointer) {
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}

}  // namespace

struct Compressor::State {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context{check_allocated(ZSTD_createCCtx())};
};

Compressor::Compressor() : state_(std::make_unique<State>()) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

Compression Compressor::append(std::string_view raw, int level,
                               std::string& out) {
  const size_t start = out.size();
  out.resize(start + ZSTD_compressBound(raw.size()));
  const size_t written =
      ZSTD_compressCCtx(state_->context.get(), out.data() + start,
                        out.size() - start, raw.data(), raw.size(), level);
  if (ZSTD_isError(written) || written >= raw.size()) {
    out.resize(start);
    out.append(raw);
    return Compression::kNone;
  }
  out.resize(start + written);
  return Compression::kZstd;
}

struct Decompressor::State {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context{check_allocated(ZSTD_createDCtx())};
};

Decompressor::Decompressor() : state_(std::make_unique<State>()) {}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

Status Decompressor::decompress(std::string_view stored, Compression how,
                                size_t raw_bytes, std::string& out) {
  if (how == Compression::kNone) {
    if (stored.size() != raw_bytes) {
      return fail(ErrorCode::kCorrupt, "uncompressed frame of wrong length");
    }
    out.assign(stored);
    return {};
  }
  if (how != Compression::kZstd) {
    return fail(ErrorCode::kUnsupported, "unknown compression of a frame");
  }
  out.resize(raw_bytes);
  const size_t got =
      ZSTD_decompressDCtx(state_->context.get(), out.data(), out.size(),
                          stored.data(), stored.size());
  if (ZSTD_isError(got) || got != raw_bytes) {
    return fail(ErrorCode::kCorrupt, "frame does not decompress to its length");
  }
  return {};
}

}  // namespace logfmt
