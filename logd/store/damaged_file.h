// Files of the store that cannot be what they should be.
#pragma once

#include <string>

#include "format/store_dir.h"
#include "logd/event_log.h"

namespace logd {

// Whether the error speaks of the bytes in the file. Others (no descriptor, no
// memory, a newer format) say nothing against it, and it must stay as it is.
bool is_damage(const logfmt::Error& error);

// Keeps a damaged file under a name that no reader takes for a part of the
// store, and posts that: what can be read of it is elsewhere by then, the rest
// may still be of use to a person.
void set_aside(const logfmt::StoreDir& store, const std::string& name,
               const std::string& cause, EventLog& events);

// Posts that a file is as it is, and why.
void post_left_alone(const std::string& name, const std::string& cause,
                     EventLog& events);

}  // namespace logd
