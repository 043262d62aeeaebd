#include "format/gap.h"

namespace logfmt {

std::string Gap::message() const {
  const auto text = [](const std::optional<uint64_t>& seq) {
    return seq ? std::to_string(*seq) : std::string("?");
  };
  std::string count = "?";
  if (first_seq && last_seq && *last_seq + 1 >= *first_seq) {
    count = std::to_string(*last_seq - *first_seq + 1);
  }
  return "gap: " + file + " bytes " + std::to_string(begin) + "-" +
         std::to_string(end) + " entries " + text(first_seq) + "-" +
         text(last_seq) + " (" + count + "): " + cause;
}

}  // namespace logfmt
