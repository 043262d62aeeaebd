#include "logd/identity/host_facts.h"

#include <unistd.h>

#include <climits>

#include "logd/identity/proc_facts.h"

namespace logd {
namespace {

constexpr size_t kIdTextBytesMax = 64;

logfmt::Id128 read_id(const char* path) {
  std::string text = read_small_file(path, kIdTextBytesMax);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return logfmt::Id128::parse(text).value_or(logfmt::Id128{});
}

}  // namespace

HostFacts read_host_facts() {
  HostFacts facts;
  facts.hostname = read_hostname();
  facts.boot_id = read_id("/proc/sys/kernel/random/boot_id");
  if (facts.boot_id.is_zero()) facts.boot_id = logfmt::Id128::random();
  facts.machine_id = read_id("/etc/machine-id");
  return facts;
}

std::string read_hostname() {
  char name[HOST_NAME_MAX + 1] = {};
  if (gethostname(name, sizeof name - 1) != 0) return {};
  return name;
}

}  // namespace logd
