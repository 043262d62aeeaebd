#include "logd/intake/object_fields.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "logd/identity/cgroup_unit.h"
#include "logd/identity/proc_facts.h"

namespace logd {
namespace {

std::optional<pid_t> object_pid(const Message& message) {
  const auto field = std::find_if(
      message.fields.begin(), message.fields.end(),
      [](const logfmt::Field& f) { return f.name == "OBJECT_PID"; });
  if (field == message.fields.end()) return std::nullopt;
  pid_t pid = 0;
  const char* end = field->value.data() + field->value.size();
  const auto parsed = std::from_chars(field->value.data(), end, pid);
  if (parsed.ec != std::errc{} || parsed.ptr != end || pid <= 0) {
    return std::nullopt;
  }
  return pid;
}

}  // namespace

void ObjectFields::add_to(Message& message) {
  const auto pid = object_pid(message);
  if (!pid) return;
  const auto facts = read_proc_facts(*pid);
  struct stat owner {};
  const std::string directory = "/proc/" + std::to_string(*pid);
  if (!facts || stat(directory.c_str(), &owner) != 0) return;
  static constexpr std::array<std::string_view, 8> kNames{
      "OBJECT_UID",
      "OBJECT_GID",
      "OBJECT_COMM",
      "OBJECT_EXE",
      "OBJECT_CMDLINE",
      "OBJECT_CAP_EFFECTIVE",
      "OBJECT_SYSTEMD_CGROUP",
      "OBJECT_SYSTEMD_UNIT"};
  const CgroupUnits units = parse_cgroup(facts->cgroup);
  values_ = {std::to_string(owner.st_uid),
             std::to_string(owner.st_gid),
             facts->comm,
             facts->exe,
             facts->command_line,
             facts->effective_caps,
             facts->cgroup == "/" ? std::string() : facts->cgroup,
             std::string(units.unit)};
  for (size_t i = 0; i < values_.size(); ++i) {
    if (!values_[i].empty()) message.add(kNames[i], values_[i]);
  }
}

}  // namespace logd
