// Makes a lost or damaged STORE anew: each file's header says which store it
// belongs to.
#pragma once

#include <optional>
#include <string>

#include "format/id128.h"
#include "format/result.h"

namespace logfmt {

// The uuid that STORE has now, if it was not what the files say; nothing if it
// was right. A STORE that was not is kept as STORE.damaged. kCorrupt where the
// files do not agree, or nobody can say; kInvalidArgument where a daemon
// writes there.
Result<std::optional<Id128>> repair_identity(const std::string& path);

}  // namespace logfmt
