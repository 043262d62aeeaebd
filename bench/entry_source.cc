#include "bench/entry_source.h"

#include <fmt/format.h>

namespace logbench {

std::string service_context(std::string_view identifier, Transport transport) {
  using logfmt::append_field;
  const std::string program = fmt::format("/usr/sbin/{}", identifier);
  const std::string unit = fmt::format("{}.service", identifier);
  std::string fields;
  if (transport == Transport::kStream) {
    append_field(fields, "_TRANSPORT", "stdout");
    append_field(fields, "_STREAM_ID", "45ac2d3b44335bad8e01056c1459c6bf");
    append_field(fields, "_STREAM", "stdout");
  } else {
    append_field(fields, "_TRANSPORT", "syslog");
  }
  append_field(fields, "SYSLOG_IDENTIFIER", identifier);
  if (transport == Transport::kSyslog) {
    append_field(fields, "SYSLOG_FACILITY", "3");
  }
  append_field(fields, "_SYSTEMD_UNIT", unit);
  append_field(fields, "_SYSTEMD_SLICE", "system.slice");
  append_field(fields, "_UNIT_FROM", "cgroup");
  append_field(fields, "_UID", "0");
  append_field(fields, "_GID", "0");
  append_field(fields, "_COMM", identifier.substr(0, 15));
  append_field(fields, "_EXE", program);
  append_field(fields, "_CMDLINE", program + " --foreground");
  append_field(fields, "_CAP_EFFECTIVE", "1fffeffffff");
  append_field(fields, "_SYSTEMD_CGROUP", "/system.slice/" + unit);
  append_field(fields, "_HOSTNAME", "bench");
  append_field(fields, "_MACHINE_ID", "8f0c3a52d1b94c7e9a6647e0b2d5f318");
  append_field(fields, "_RUNTIME_SCOPE", "system");
  return fields;
}

logfmt::Id128 made_boot() {
  static const logfmt::Id128 boot =
      *logfmt::Id128::parse("c0ffee00c0ffee00c0ffee00c0ffee00");
  return boot;
}

}  // namespace logbench
