// Syslog datagrams: bytes to a Message. Never fails and drops nothing; what is
// not recognised is the message, with the defaults of RFC 3164 (user.notice).
//
// RFC 5424 is tried first in both forms. The bytes are stored as they came;
// only NUL, LF and CR at the end and white space before the PRI are cut off.
// SYSLOG_RAW holds the original where the fields do not, and wherever journald
// 252 would store it. docs/syslog.md has the whole of it. A datagram may be up
// to half of logfmt::kEntryBytesMax long; an empty one is not for a parser.
//
// Pure functions of bytes: safe in any thread.
#pragma once

#include <string_view>

#include "logd/intake/message.h"
#include "logd/intake/syslog_time.h"

namespace logd {

enum class SyslogForm {
  kLocal,    // /dev/log: no host, the sender's credentials are known
  kNetwork,  // UDP and TCP
};

// Clears `out` and fills it with views of `datagram`. Adds MESSAGE always, and
// SYSLOG_PID, _TIMESTAMP, _HOSTNAME, _MSGID, _STRUCTURED_DATA and _RAW where
// they apply. Priority and facility are always set.
void parse_syslog(std::string_view datagram, SyslogForm form,
                  const SyslogContext& context, Message& out);

}  // namespace logd
