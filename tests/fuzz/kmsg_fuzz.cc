// One record of /dev/kmsg; what is taken has a priority and fields.
#include "logd/intake/kmsg_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  logd::KmsgRecord record;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (!logd::parse_kmsg(line, record)) return 0;
  if (record.message.priority > 7 || record.message.fields.empty()) {
    __builtin_trap();
  }
  return 0;
}
