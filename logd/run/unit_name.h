// Names of units, as systemd writes them: letters, digits and ":-_.\@", with
// a suffix that says the type. A name without a known suffix is a service.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logrun {

// What the stream protocol carries in a line.
inline constexpr size_t kUnitNameBytesMax = 254;

// "bot" -> "bot.service"; "bot.service" and "web.socket" stay.
logfmt::Result<std::string> full_unit_name(std::string_view name);

}  // namespace logrun
