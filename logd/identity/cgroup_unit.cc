#include "logd/identity/cgroup_unit.h"

#include <algorithm>
#include <array>

namespace logd {
namespace {

constexpr size_t kUnitNameBytesMax = 255;
constexpr std::array<std::string_view, 11> kSuffixes{
    ".service", ".socket", ".target", ".device", ".mount", ".automount",
    ".swap",    ".timer",  ".path",   ".slice",  ".scope"};

bool has_unit_suffix(std::string_view name) {
  return std::any_of(kSuffixes.begin(), kSuffixes.end(), [&](auto suffix) {
    return name.size() > suffix.size() && name.ends_with(suffix);
  });
}

std::string_view next_component(std::string_view& path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  const size_t end = std::min(path.find('/'), path.size());
  const auto component = path.substr(0, end);
  path.remove_prefix(end);
  return component;
}

}  // namespace

bool CgroupUnits::is_session() const {
  return unit.starts_with("session-") && unit.ends_with(".scope");
}

CgroupUnits parse_cgroup(std::string_view path) {
  CgroupUnits units;
  std::string_view slice;
  while (true) {
    const auto component = next_component(path);
    if (component.empty()) return units;
    if (component.ends_with(".slice")) {
      slice = component;
      continue;
    }
    // What lies below a folder that is no unit (a container's own tree) was
    // named by whoever lives in there.
    if (!has_unit_suffix(component) || !valid_unit_name(component)) {
      return units;
    }
    if (units.unit.empty()) {
      units.unit = component;
      units.slice = slice;
      if (!component.starts_with("user@")) return units;
    } else {
      units.user_unit = component;
      return units;
    }
  }
}

bool valid_unit_name(std::string_view name) {
  constexpr std::string_view kAllowed = ":_.\\-@";
  if (name.empty() || name.size() > kUnitNameBytesMax) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || kAllowed.find(c) != kAllowed.npos;
  });
}

std::string with_unit_suffix(std::string_view name) {
  std::string unit(name);
  if (!has_unit_suffix(name)) unit += ".service";
  return unit;
}

}  // namespace logd
