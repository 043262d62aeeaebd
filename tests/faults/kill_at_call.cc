// Kills a logd worker with SIGKILL at the entry of one system call.
//
//   kill_at_call CALL first COMMAND...   the first worker of a logd that this
//                                        process becomes, counted from birth
//   kill_at_call CALL next KEEPER        the next worker, counted from birth
//   kill_at_call CALL now WORKER         a running one, counted from now
//
// Calls are counted from 1 over all threads of the worker. With `next` and
// `now` a line "ready" says that counting has begun, and the status is 0 when
// the worker was killed, 3 when it made fewer calls until it fell silent or
// two seconds were over. The keeper is not disturbed, but that it is watched
// for the worker's birth.

#include <fmt/format.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kTick = std::chrono::microseconds(50);
constexpr auto kSilence = std::chrono::milliseconds(500);
constexpr auto kBirth = std::chrono::seconds(10);
constexpr auto kWatched = std::chrono::seconds(2);  // then it only idles
constexpr int kReached = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kNotReached = 3;

constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
                          PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
constexpr int kCallStop = SIGTRAP | 0x80;

pid_t process_of(pid_t thread) {
  std::ifstream status(fmt::format("/proc/{}/status", thread));
  std::string word;
  pid_t process = 0;
  while (status >> word)
    if (word == "Tgid:" && status >> process) break;
  return process;
}

bool is_call_entry(pid_t thread) {
  __ptrace_syscall_info info{};
  const auto size = ptrace(PTRACE_GET_SYSCALL_INFO, thread,
                           reinterpret_cast<void*>(sizeof info), &info);
  return size > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

class Tracer {
 public:
  // A keeper of 0 says that the worker is known already.
  Tracer(uint64_t call, pid_t keeper, pid_t worker)
      : call_(call), keeper_(keeper), worker_(worker) {}

  bool seize_keeper() const {
    return ptrace(PTRACE_SEIZE, keeper_, nullptr, kOptions) == 0;
  }

  bool seize_worker() const {
    bool seized = false;
    for (const auto& task :
         fs::directory_iterator(fmt::format("/proc/{}/task", worker_))) {
      const auto name = task.path().filename().string();
      pid_t thread = 0;
      std::from_chars(name.data(), name.data() + name.size(), thread);
      seized = ptrace(PTRACE_SEIZE, thread, nullptr, kOptions) == 0 &&
               ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0;
    }
    return seized;
  }

  int run() {
    auto heard = born_ = Clock::now();
    while (true) {
      int status = 0;
      const pid_t thread = waitpid(-1, &status, __WALL | WNOHANG);
      if (thread < 0) return kFailed;
      if (thread == 0) {
        if (Clock::now() - heard > (worker_ == 0 ? kBirth : kSilence))
          return kNotReached;
        std::this_thread::sleep_for(kTick);
        continue;
      }
      heard = Clock::now();
      if (worker_ == 0) born_ = heard;
      if (heard - born_ > kWatched) return kNotReached;
      if (WIFSTOPPED(status) && on_stop(thread, status)) return kReached;
    }
  }

 private:
  // Lets the thread go on; true if it was the call, and the worker is dead.
  bool on_stop(pid_t thread, int status) {
    const int number = WSTOPSIG(status);
    if (number == kCallStop && is_call_entry(thread) && ++calls_ == call_) {
      kill(worker_, SIGKILL);
      return true;
    }
    if (worker_ == 0) note_birth(thread);
    if (worker_ == 0 || thread == keeper_) {
      proceed(PTRACE_CONT, thread, status);
      return false;
    }
    proceed(PTRACE_SYSCALL, thread, status);
    return false;
  }

  // What is not the keeper or one of its threads is the worker.
  void note_birth(pid_t thread) {
    const pid_t process = process_of(thread);
    if (process != keeper_) worker_ = process;
  }

  // A signal on its way is handed on; stops that ptrace makes are not signals.
  static void proceed(__ptrace_request how, pid_t thread, int status) {
    const int number = WSTOPSIG(status);
    const bool made_by_ptrace = (status >> 16) != 0 || number == kCallStop;
    ptrace(how, thread, nullptr,
           static_cast<long>(made_by_ptrace ? 0 : number));
  }

  uint64_t call_;
  uint64_t calls_ = 0;
  Clock::time_point born_{};  // or first seen
  pid_t keeper_;
  pid_t worker_;
};

// A process of its own watches this one, which becomes logd. It is nobody's
// child, so that the worker is logd's only one.
int become(uint64_t call, const std::vector<std::string>& command) {
  int ready[2];
  if (pipe(ready) != 0) return kFailed;
  const pid_t keeper = getpid();
  const pid_t between = fork();
  if (between == 0) {
    if (fork() != 0) _exit(0);
    Tracer tracer(call, keeper, 0);
    const bool seized = tracer.seize_keeper();
    close(ready[0]);
    close(ready[1]);
    _exit(seized ? tracer.run() : kFailed);
  }
  waitpid(between, nullptr, 0);
  close(ready[1]);
  char none = 0;
  while (read(ready[0], &none, 1) < 0) {
  }
  close(ready[0]);
  std::vector<char*> words;
  for (const auto& word : command)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  return kFailed;
}

int watch(uint64_t call, bool next, pid_t pid) {
  Tracer tracer(call, next ? pid : 0, next ? 0 : pid);
  if (!(next ? tracer.seize_keeper() : tracer.seize_worker())) return kFailed;
  fmt::print("ready\n");
  std::fflush(stdout);
  return tracer.run();
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t call = 0;
  std::vector<std::string> command;
  pid_t pid = 0;
  CLI::App app("Kills a logd worker at one of its system calls.");
  app.require_subcommand(1);
  app.add_option("call", call, "from 1")->required();
  auto* first = app.add_subcommand("first")->prefix_command();
  auto* next = app.add_subcommand("next");
  next->add_option("keeper", pid)->required();
  auto* now = app.add_subcommand("now");
  now->add_option("worker", pid)->required();
  CLI11_PARSE(app, argc, argv);
  if (*first) return become(call, first->remaining());
  return watch(call, next->parsed(), pid);
}
