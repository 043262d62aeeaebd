// A request, as it arrives bit by bit: what was decided stays decided.
#include <cstdint>

#include "logd/service/http.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto half = logd::parse_http(bytes.substr(0, size / 2));
  const auto whole = logd::parse_http(bytes);
  if (whole.request && whole.refused) __builtin_trap();
  if (half.request && !whole.request) __builtin_trap();
  if (half.refused && !whole.refused) __builtin_trap();
  return 0;
}
