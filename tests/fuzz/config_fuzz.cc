// A configuration file; what is refused is refused with a reason.
#include "logd/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = logd::parse_config(text, "logd.toml", {});
  if (!config && config.error().detail.empty()) __builtin_trap();
  return 0;
}
