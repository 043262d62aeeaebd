// A cursor; one that is taken is written again as one that is the same.
#include "query/cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto cursor =
      logq::parse_cursor({reinterpret_cast<const char*>(data), size});
  if (!cursor) return 0;
  std::string text;
  logq::append_cursor(text, *cursor);
  const auto again = logq::parse_cursor(text);
  if (!again || *again != *cursor) __builtin_trap();
  return 0;
}
