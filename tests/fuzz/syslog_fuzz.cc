// The first byte chooses the form; MESSAGE has to be there always.
#include "logd/intake/syslog_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto form =
      data[0] & 1 ? logd::SyslogForm::kLocal : logd::SyslogForm::kNetwork;
  logd::Message message;
  logd::parse_syslog({reinterpret_cast<const char*>(data) + 1, size - 1}, form,
                     {.receive_time_us = 1'796'040'000'000'000}, message);
  if (message.priority > 7 || message.fields.empty()) __builtin_trap();
  return 0;
}
