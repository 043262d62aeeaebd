// Made-up entries without end: sample_text.h's lines as datagrams of services
// at 10,000 a second. The same for the same seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/arrival_clock.h"
#include "bench/entry_source.h"
#include "bench/sample_text.h"

namespace logbench {

class SampleSource : public EntrySource {
 public:
  explicit SampleSource(uint64_t seed);

  bool next(MadeEntry& entry) override;
  // The next ones; they live as long as the source.
  std::vector<MadeEntry> take(size_t count);

 private:
  SampleText text_;
  SampleLine line_;
  ArrivalClock clock_;
  std::map<std::string_view, std::string> contexts_;
};

}  // namespace logbench
