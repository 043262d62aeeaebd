// A path of /proc/PID/cgroup; whoever is found in it has a valid name.
#include "logd/identity/cgroup_unit.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const auto units = logd::parse_cgroup(path);
  for (const auto name : {units.unit, units.user_unit}) {
    if (!name.empty() && !logd::valid_unit_name(name)) __builtin_trap();
  }
  if (!logd::with_unit_suffix(path).starts_with(path)) __builtin_trap();
  return 0;
}
