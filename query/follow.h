// Follows stores until it is told to stop or nobody reads any more.
//
// Sleeps in poll() and wakes for three things only: a change in a store's
// directory (inotify), the stop descriptor, the end of the output's reader.
// Nothing is asked periodically. A store that is not there yet is waited for
// by watching the nearest directory that is.
#pragma once

#include <span>
#include <vector>

#include "format/file.h"
#include "query/store_follower.h"

namespace logq {

class Follow {
 public:
  struct Ends {
    int stop_fd = -1;    // readable: stop
    int output_fd = -1;  // error or hang-up: nobody reads any more
  };

  // Followers and sink must outlive this.
  static logfmt::Result<Follow> open(std::span<StoreFollower> followers,
                                     FollowSink& sink, Ends ends);

  // Returns when told to stop, or with an error.
  logfmt::Status run();

 private:
  struct Watched {
    StoreFollower* follower;
    int watch = -1;
    bool waiting_noted = false;
    bool changed = true;  // look at all files
    bool grown = false;   // look at the tail
  };

  Follow(std::span<StoreFollower> followers, FollowSink& sink, Ends ends,
         logfmt::Fd inotify);

  logfmt::Result<Flow> look(Watched& watched);
  logfmt::Result<bool> open_store(Watched& watched);
  logfmt::Status watch(Watched& watched);
  logfmt::Result<Flow> wait();
  logfmt::Status read_events();
  void take_event(Watched& watched, uint32_t mask, std::string_view name);

  std::vector<Watched> watched_;
  FollowSink* sink_;
  Ends ends_;
  logfmt::Fd inotify_;
};

}  // namespace logq
