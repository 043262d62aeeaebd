// Syslog as it was before RFC 5424: what follows the PRI is a convention at
// best. Two readings, by where the text came from.
//
// Neither fails. What is not recognised is in MESSAGE; where bytes are neither
// there nor in another field, the caller is told, and keeps the original.
//
// Source: journald 252 (local), RFC 3164 and the relays' practice (network).
#pragma once

#include <string_view>

#include "logd/intake/message.h"
#include "logd/intake/syslog_time.h"

namespace logd {

// From /dev/log: "[STAMP ]name[pid]: text". The first word names the program
// only when it ends in a colon; there is no host. True when there is a stamp.
bool parse_local_rfc3164(std::string_view text, const SyslogContext& context,
                         Message& out);

// From a network: "[STAMP ][HOST ]name[pid]: text", parts missing at will.
// False when some bytes other than single separators are in no field.
bool parse_network_rfc3164(std::string_view text, const SyslogContext& context,
                           Message& out);

}  // namespace logd
