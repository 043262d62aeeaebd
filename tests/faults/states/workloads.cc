#include "tests/faults/states/workloads.h"

#include <gtest/gtest.h>

#include "format/segment_rewrite.h"
#include "format/vacuum.h"

namespace logd::faults {
namespace {

// More than a page, and beginning and ending within one.
const std::string& long_text() {
  static const std::string text = noise(9'000, 7);
  return text;
}

void store_first(Stage& stage) {
  stage.start();
  stage.store({"the first entry"});
  stage.sync();
}

void store_frames(Stage& stage) {
  stage.store({"a", "b"});
  stage.store({long_text(), "c"});
  stage.sync();
  stage.store({"d"});
  stage.store({"e", long_text()});
  stage.store({"f"});
  stage.sync();
  stage.store({"g"});
}

void rotate(Stage& stage) {
  stage.store({"a"});
  stage.begin_seal();
  stage.store({"b"});
  stage.sync();
  stage.store({"c", long_text()});
}

void encode_and_seal(Stage& stage) {
  stage.store({"a", "b"});
  stage.store({long_text()});
  stage.seal();
  stage.store({"c"});
  stage.seal();
  stage.sync();
}

// A block in a segment that stays open: worth encoding, not worth sealing.
void stop_with_a_block(Stage& stage) {
  stage.store({std::string(1'200'000, 'x'), "a"});
  stage.store({"b"});
  stage.stop();
}

void resume_a_segment(Stage& stage) {
  stage.start();
  stage.store({"c"});
  stage.seal();
}

void stop_cleanly(Stage& stage) {
  stage.store({"a"});
  stage.store({"b"});
  stage.stop();
}

void restart_after_kill(Stage& stage) {
  stage.store({"a", "b"});
  stage.sync();
  stage.store({"c"});
  stage.die();
  stage.start();
  stage.store({"d"});
  stage.sync();
  stage.die();
  stage.start();
  stage.store({"e"});
  stage.seal();
}

// Sealed segments of the entries 1-3, 4-6 and 7-9.
void make_segments(Stage& stage) {
  stage.start();
  for (const char* text : {"a", "b", "c"}) {
    stage.store({text, text, long_text()});
    stage.seal();
  }
  stage.sync();
}

std::vector<logfmt::StoreFile> segments_of(Stage& stage) {
  auto files = stage.daemon().dir().list();
  if (!files) return {};
  return std::move(*files);
}

// Whether it was done.
bool rewrite(Stage& stage, size_t files, const logfmt::RewritePolicy& policy) {
  const auto listed = segments_of(stage);
  if (listed.size() < files) return false;
  const auto outcome = logfmt::rewrite(stage.daemon().dir(),
                                       std::span(listed).first(files), policy);
  if (!outcome && stage.is_sound()) {
    ADD_FAILURE() << outcome.error().message();
  }
  return outcome.has_value();
}

void recompress(Stage& stage) { (void)rewrite(stage, 1, {.level = 19}); }

void merge(Stage& stage) { (void)rewrite(stage, 3, {}); }

void erase_entries(Stage& stage) {
  const Seqs erased{2, 4, 5, 6};
  stage.begin_erasure(erased);
  const auto keep = [&](const logfmt::EntryView& entry) {
    return !erased.contains(entry.seq);
  };
  if (rewrite(stage, 2, {.keep = keep})) stage.end_erasure();
}

void vacuum(Stage& stage) {
  stage.begin_erasure({1, 2, 3, 4, 5, 6});
  const auto listed = segments_of(stage);
  if (listed.size() < 2) return;
  const auto removed =
      logfmt::remove_segments(stage.daemon().dir(), std::span(listed).first(2));
  if (!removed && stage.is_sound()) {
    ADD_FAILURE() << removed.error().message();
  }
  stage.store({"d"});
  stage.sync();
}

void start_with_one(Stage& stage) {
  store_first(stage);
  stage.sync();
}

}  // namespace

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all{
      {"FirstEntry", {}, store_first},
      {"FramesAndSyncs", start_with_one, store_frames},
      {"Rotation", start_with_one, rotate},
      {"EncodingAndSealing", start_with_one, encode_and_seal},
      {"BlockInAnOpenSegment", start_with_one, stop_with_a_block},
      {"ResumedSegment",
       [](Stage& stage) {
         start_with_one(stage);
         stop_with_a_block(stage);
       },
       resume_a_segment},
      {"CleanStop", start_with_one, stop_cleanly},
      {"RestartAfterKill", start_with_one, restart_after_kill, true},
      {"Recompression", make_segments, recompress, false, 1},
      {"Merging", make_segments, merge, false, 1},
      {"Erasure", make_segments, erase_entries, false, 1},
      {"Vacuum", make_segments, vacuum},
  };
  return all;
}

}  // namespace logd::faults
