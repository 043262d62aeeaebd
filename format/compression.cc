#include "format/compression.h"

#include <zstd.h>

#include <new>
#include <optional>

namespace logfmt {
namespace {

// Shorter stretches do not pay for statistics of their own.
constexpr size_t kStretchBytesMin = 8 << 10;

constexpr int kLevelOfSmallTables = 15;
constexpr int kTableLogMax = 20;

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
  // As large as what is compressed, for what does not fit is not worth it; of
  // its pages only those are used that the result takes.
  std::unique_ptr<char[]> room{};
  size_t room_bytes = 0;

  void begin(size_t raw_bytes, int level);
  // How long the result is; nothing where it does not fit.
  std::optional<size_t> compress(std::string_view raw);
  std::optional<size_t> compress_in_stretches(std::string_view raw,
                                              std::span<const size_t> cuts);
};

Compressor::Compressor() : state_(std::make_unique<State>()) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

void Compressor::State::begin(size_t raw_bytes, int level) {
  if (room_bytes < raw_bytes) {
    room = std::make_unique_for_overwrite<char[]>(raw_bytes);
    room_bytes = raw_bytes;
  }
  ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  if (level > kLevelOfSmallTables) {
    // The tables of the highest levels take ten times what they compress.
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_hashLog, kTableLogMax);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_chainLog, kTableLogMax);
  }
}

// In one go: zstd then needs no buffer of its own for what goes in.
std::optional<size_t> Compressor::State::compress(std::string_view raw) {
  const size_t bytes = ZSTD_compress2(context.get(), room.get(), raw.size(),
                                      raw.data(), raw.size());
  if (ZSTD_isError(bytes)) return std::nullopt;
  return bytes;
}

std::optional<size_t> Compressor::State::compress_in_stretches(
    std::string_view raw, std::span<const size_t> cuts) {
  ZSTD_CCtx_setPledgedSrcSize(context.get(), raw.size());
  ZSTD_outBuffer output{room.get(), raw.size(), 0};
  ZSTD_inBuffer input{raw.data(), 0, 0};
  bool fits = true;
  const auto compress_to = [&](size_t end, ZSTD_EndDirective directive) {
    input.size = end;
    const size_t left =
        ZSTD_compressStream2(context.get(), &output, &input, directive);
    fits = fits && left == 0 && input.pos == end;
  };
  for (const size_t cut : cuts) {
    if (cut >= input.pos + kStretchBytesMin && cut < raw.size() && fits) {
      compress_to(cut, ZSTD_e_flush);
    }
  }
  if (fits) compress_to(raw.size(), ZSTD_e_end);
  if (!fits) return std::nullopt;
  return output.pos;
}

Compression Compressor::append(std::string_view raw, int level,
                               std::string& out, std::span<const size_t> cuts) {
  state_->begin(raw.size(), level);
  const auto bytes = cuts.empty() ? state_->compress(raw)
                                  : state_->compress_in_stretches(raw, cuts);
  if (!bytes || *bytes >= raw.size()) {
    out.append(raw);
    return Compression::kNone;
  }
  out.append(state_->room.get(), *bytes);
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
