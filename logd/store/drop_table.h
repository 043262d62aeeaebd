// placeholder until the real one comes
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
namespace logd {
enum class DropCause : uint8_t { kRateLimit, kNoSpace, kDiskError, kDiskSlow };
struct DropTable {
  uint64_t rows_ = 0, bytes_ = 0;
  bool empty() const { return rows_ == 0; }
  void add(DropCause, std::string_view, uint64_t rows, uint64_t bytes, uint64_t) { rows_ += rows; bytes_ += bytes; }
};
}
