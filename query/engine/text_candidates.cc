#include "query/engine/text_candidates.h"

#include "query/engine/template_search.h"

namespace logq {

logfmt::Status keep_candidates(logfmt::BlockReader& block,
                               const TextMatcher& text,
                               std::vector<uint32_t>& rows) {
  if (text.literals().empty()) return {};
  LOGD_RETURN_IF_ERROR(block.load_text());
  std::vector<bool> lines(block.line_count(), false);
  for (const LiteralSearch& literal : text.literals()) {
    LOGD_RETURN_IF_ERROR(TemplateSearch(block, literal).mark(lines));
  }
  std::erase_if(rows, [&](uint32_t row) { return !lines[block.line(row)]; });
  return {};
}

}  // namespace logq
