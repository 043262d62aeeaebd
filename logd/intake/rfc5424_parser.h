// RFC 5424 syslog: "1 STAMP HOST APP PROCID MSGID SD MSG", after the PRI.
//
// Lenient where that loses nothing: fields of any length, a header cut short,
// values without quotes. Structured data that makes no sense stays at the head
// of the message. A header that makes no sense is no header.
//
// Source: RFC 5424 section 6; deviations in docs/syslog.md.
#pragma once

#include <string_view>

#include "logd/intake/message.h"
#include "logd/intake/syslog_time.h"

namespace logd {

// `text` follows the PRI and is trimmed. False: it is not RFC 5424, and `out`
// is as it was. Adds MESSAGE and what the header says, as views of `text`.
bool parse_rfc5424(std::string_view text, const SyslogContext& context,
                   Message& out);

}  // namespace logd
