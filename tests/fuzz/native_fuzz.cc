// No entry may break the limits that the store relies on.
#include "format/limits.h"
#include "logd/intake/native_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  logd::NativeCounters counters;
  logd::NativeParser parser({reinterpret_cast<const char*>(data), size},
                            counters);
  for (logd::Message message; parser.next(message);) {
    if (message.fields.size() > logfmt::kFieldsPerEntryMax) __builtin_trap();
  }
  return 0;
}
