// The streams that are connected, for a worker that comes after this one: who
// is at the other end, the header as it was sent, and the begin of a line whose
// end is still to come. One place for each stream, in the landing zone.
//
// A place changes with a commit: change() says how, and apply() does it
// afterwards. A worker that died between the two has left the change to the
// next one. Taking and freeing a place that holds no text needs no commit.
// One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logd/zone/landing_zone.h"

namespace logd {

// A stream as the last worker left it.
struct KeptStream {
  uint32_t place = 0;
  StreamHead head{};
  std::string header{};
  std::string line{};
};

class StreamTable {
 public:
  // Finishes what a dead worker had committed; a place whose descriptor is no
  // connection has none then, only what was said before.
  explicit StreamTable(LandingZone& zone);

  // The streams that are there, for a new worker; nothing in a new zone.
  std::vector<KeptStream> kept() const;

  // Nothing where all places are taken.
  std::optional<uint32_t> take(const StreamHead& head);
  // Of a stream that was never read.
  void free(uint32_t place);
  size_t line_bytes_max() const { return zone_.line_bytes(); }

  // Of streams that nobody is to read any more.
  void close_all();
  // Whether a stream has come or gone since it was asked; true the first time.
  bool take_changed() { return std::exchange(changed_, false); }
  // What the next commit says of a stream; its number is given here.
  void change(StreamChange change);
  // After that commit.
  void apply();

 private:
  bool is_held(uint32_t place) const;
  void give_up_what_is_no_stream();
  static void put(std::span<char> out, std::string_view bytes, size_t at);
  void apply(const StreamChange& change);

  LandingZone& zone_;
  std::vector<uint32_t> free_;  // the last one is given out next
  bool changed_ = true;
};

}  // namespace logd
