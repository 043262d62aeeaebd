// Answers HTTP/1.1 requests on a Unix socket:
//
//   POST /sync /flush /rotate    see commands.h; 200 when done
//   GET  /status                 a JSON object
//
// Two threads of its own: one reads requests and writes responses and never
// waits for anything else, the other carries the commands out one after the
// other. Only root, the user that the daemon runs as and members of the
// store's group may POST, by the kernel's word. Bounded: connections, bytes
// and time; whoever is over a limit is cut off. One request on a connection.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "format/file.h"
#include "logd/service/commands.h"
#include "logd/service/http.h"

namespace logd {

inline constexpr size_t kServiceConnectionsMax = 32;
inline constexpr std::chrono::seconds kServicePatience{5};

class Service {
 public:
  // `listener` is bound and listens. `readers`: the group that may POST.
  Service(logfmt::Fd listener, gid_t readers, Commands& commands);
  // Cuts off who is still connected; waits for a command that is under way.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  enum class State { kReading, kWorking, kWriting, kClosed };
  struct Connection {
    logfmt::Fd fd{};
    State state = State::kReading;
    bool may_command = false;
    Clock::time_point deadline{};
    std::string bytes{};  // received, then to be sent
  };
  using Connections = std::list<Connection>;
  struct Job {
    Connection* connection;
    std::string command;
  };

  void serve();
  void work();
  int wait_ms() const;
  bool wait_for_events();
  void accept_some();
  void advance(Connection& connection);
  void receive(Connection& connection);
  void answer(Connection& connection, const HttpRequest& request);
  void respond(Connection& connection, std::string response);
  void send_some(Connection& connection);
  void take_results();
  std::string run(const std::string& command);

  logfmt::Fd listener_;
  gid_t readers_;
  Commands& commands_;
  logfmt::Fd wake_;
  Connections connections_;         // the serving thread's
  std::atomic<bool> ended_{false};  // no command will be carried out any more
  std::mutex mutex_;
  std::condition_variable job_waits_;
  bool stopping_ = false;
  std::deque<Job> jobs_;
  std::deque<std::pair<Connection*, std::string>> results_;
  std::thread worker_;
  std::thread server_;
};

}  // namespace logd
