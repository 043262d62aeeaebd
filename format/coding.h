// Integers on disk: little-endian fixed widths and LEB128 varints.
//
// Appending never fails. Reading goes through a Decoder, which cannot leave
// its input: past the end it returns zeros and ok() turns false for good, so
// callers may read a whole structure and check once.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace logfmt {

static_assert(std::endian::native == std::endian::little,
              "fixed-width fields are copied as they are");

template <class T>
void append_fixed(std::string& out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <class T>
void put_fixed(char* at, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(at, &value, sizeof(T));
}

inline void append_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

inline void append_length_prefixed(std::string& out, std::string_view bytes) {
  append_varint(out, bytes.size());
  out.append(bytes);
}

// Signed values near zero become small unsigned ones.
constexpr uint64_t zigzag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

class Decoder {
 public:
  explicit Decoder(std::string_view input) : input_(input) {}

  template <class T>
  T fixed() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (const auto from = bytes(sizeof(T)); ok_) {
      std::memcpy(&value, from.data(), sizeof(T));
    }
    return value;
  }

  uint64_t varint() {
    if (!input_.empty() && static_cast<uint8_t>(input_.front()) < 0x80) {
      const auto value = static_cast<uint8_t>(input_.front());
      input_.remove_prefix(1);
      return value;
    }
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !input_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(input_.front());
      if (shift == 63 && byte > 1) break;  // more than 64 bits
      input_.remove_prefix(1);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    return invalidate();
  }

  std::string_view bytes(size_t count) {
    if (count > input_.size()) {
      invalidate();
      return {};
    }
    const auto taken = input_.substr(0, count);
    input_.remove_prefix(count);
    return taken;
  }

  std::string_view length_prefixed() {
    const uint64_t count = varint();
    return bytes(count);
  }

  bool ok() const { return ok_; }
  bool at_end() const { return input_.empty(); }
  std::string_view rest() const { return input_; }

 private:
  uint64_t invalidate() {
    ok_ = false;
    input_ = {};
    return 0;
  }

  std::string_view input_;
  bool ok_ = true;
};

}  // namespace logfmt
