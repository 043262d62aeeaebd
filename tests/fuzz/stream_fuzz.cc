// Lines are header lines first, then the body, until the header is refused.
#include "logd/intake/stream_line.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  logd::LineSplitter splitter(79);
  logd::StreamHeaderParser header;
  logd::Message message;
  splitter.feed({reinterpret_cast<const char*>(data), size},
                [&](std::string_view line, logd::LineBreak reason) {
                  if (!header.complete() && !header.take_line(line)) return;
                  parse_stream_line(line, reason, header.header(), message);
                });
  return 0;
}
