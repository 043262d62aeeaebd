#include "logd/run/unit_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace logrun {
namespace {

constexpr std::array<std::string_view, 11> kSuffixes = {
    ".service", ".socket", ".device", ".mount", ".automount", ".swap",
    ".target",  ".path",   ".timer",  ".slice", ".scope",
};

bool is_unit_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view(":-_.\\@").find(c) != std::string_view::npos;
}

}  // namespace

logfmt::Result<std::string> full_unit_name(std::string_view name) {
  if (name.empty() || name.front() == '.' ||
      !std::all_of(name.begin(), name.end(), is_unit_char)) {
    return logfmt::fail(
        logfmt::ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" is not the name of a unit; expected letters, "
                    "digits and :-_.\\@, as in \"bot\" or \"bot.service\"",
                    name));
  }
  const bool has_suffix = std::any_of(
      kSuffixes.begin(), kSuffixes.end(), [&](std::string_view suffix) {
        return name.size() > suffix.size() && name.ends_with(suffix);
      });
  std::string full(name);
  if (!has_suffix) full += ".service";
  if (full.size() > kUnitNameBytesMax) {
    return logfmt::fail(
        logfmt::ErrorCode::kLimit,
        fmt::format("the unit name is {} bytes long; expected at most {}",
                    full.size(), kUnitNameBytesMax));
  }
  return full;
}

}  // namespace logrun
