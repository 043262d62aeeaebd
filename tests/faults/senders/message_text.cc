#include "tests/faults/senders/message_text.h"

#include <fmt/format.h>

#include <array>
#include <functional>

namespace senders {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit)
      value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320u : 0);
    table[byte] = value;
  }
  return table;
}

// One step of SplitMix64.
uint64_t next_random(uint64_t* state) {
  uint64_t value = *state += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

std::string filling(uint64_t seed, size_t bytes) {
  constexpr size_t kLettersPerStep = 10;  // of six bits each
  std::string text;
  text.reserve(bytes + kLettersPerStep);
  while (text.size() < bytes) {
    uint64_t bits = next_random(&seed);
    for (size_t i = 0; i < kLettersPerStep; ++i, bits >>= 6)
      text += kAlphabet[bits % kAlphabet.size()];
  }
  text.resize(bytes);
  return text;
}

}  // namespace

uint32_t crc32(std::string_view bytes) {
  static constexpr auto kTable = make_crc_table();
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes)
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::string message_text(const Numbered& message) {
  const auto seed = std::hash<std::string_view>{}(message.sender);
  const auto text =
      filling(seed + message.number * 0x10001u, message.filling_bytes);
  return fmt::format("{} {} {} {:08x} {}", message.sender, message.number,
                     message.pid, crc32(text), text);
}

}  // namespace senders
