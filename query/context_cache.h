// What a printer derives from a context, kept for the next entry of it.
//
// Most entries share their context with one of the last few. Slots are chosen
// by the address of the encoded bytes and confirmed by the bytes themselves,
// so that a reader may reuse its buffers. Bounded: kSlots contexts.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "format/field_list.h"

namespace logq {

template <class Derived>
class ContextCache {
 public:
  // make(context) -> Derived is called when the context is not at hand. The
  // reference is valid until the next call; what is changed through it is kept
  // with the rest.
  template <class Make>
  Derived& get(const logfmt::FieldList& context, Make make) {
    const auto bytes = context.encoded();
    Slot& slot = slots_[slot_of(bytes)];
    if (!slot.filled || slot.bytes != bytes) {
      slot.derived = make(context);
      slot.bytes.assign(bytes);
      slot.filled = true;
    }
    return slot.derived;
  }

 private:
  static constexpr size_t kSlots = 256;

  struct Slot {
    bool filled = false;
    std::string bytes{};
    Derived derived{};
  };

  static size_t slot_of(std::string_view bytes) {
    const auto address = std::bit_cast<uintptr_t>(bytes.data());
    // Fibonacci hashing: the upper bits of the product are well mixed.
    return address * 0x9E37'79B9'7F4A'7C15 >> 56;
  }

  std::array<Slot, kSlots> slots_{};
};

}  // namespace logq
