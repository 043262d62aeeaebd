// One line of a stdout stream as a Message.
//
// Source: journald 252. White space at the end goes, a line of nothing else
// stays as it is, an empty one is no message.
#pragma once

#include <string_view>

#include "logd/intake/line_splitter.h"
#include "logd/intake/message.h"
#include "logd/intake/stream_header.h"

namespace logd {

// Clears `out`, then fills it with views of `line` and of `header`; false when
// there is nothing to store. Where the header allows it, "<d>" at the start, d
// a digit 0-7, sets the priority. A break other than \n is said in _LINE_BREAK.
bool parse_stream_line(std::string_view line, LineBreak reason,
                       const StreamHeader& header, Message& out);

}  // namespace logd
