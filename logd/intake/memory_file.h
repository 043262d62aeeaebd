// Entries too large for a datagram arrive as a descriptor of a file.
//
// Source: journald 252. A sealed memory file cannot change under us. Others
// are taken from root, and from anybody else only when they lie directly in
// /dev/shm, /tmp or /var/tmp: a client must not have the daemon read a file
// for it that it could not read itself, or one that blocks.
#pragma once

#include <string>

#include "format/result.h"

namespace logd {

// Reads all of it into `out`; no more than logfmt::kEntryBytesMax.
logfmt::Status read_entry_file(int fd, bool sender_is_root, std::string& out);

}  // namespace logd
