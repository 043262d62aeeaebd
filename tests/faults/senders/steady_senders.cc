// Senders that keep a record of their own of what was accepted.
//
//   steady_senders --sender syslog=2 --sender stream=8 --state FILE
//
// Each sender is a process that counts its messages from 0 and goes on until
// SIGTERM, or for --count messages. At the end FILE has a line of JSON per
// sender:
//
//   name, kind
//   accepted         messages 0 to accepted - 1 were taken by the kernel
//   unknown          true: message `accepted` was being sent when the sender
//                    had to be killed; it may be stored or not
//   failed           calls that ended with an error; the same message was then
//                    sent again
//   blocked_us_max   the longest time that one message took
//
// The counters live in memory shared with the senders, so that a sender that
// is killed leaves them right.

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <fstream>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/faults/senders/message_text.h"
#include "tests/faults/senders/transport.h"

namespace senders {
namespace {

using std::chrono::microseconds;

constexpr auto kStopGrace = std::chrono::seconds(5);
constexpr auto kRetryAfter = std::chrono::milliseconds(1);
constexpr auto kTick = std::chrono::milliseconds(5);
constexpr size_t kSendersMax = 4096;

struct Options {
  std::vector<std::string> kinds;  // "KIND=COUNT"
  std::string state_file;
  std::string prefix = "steady";
  unsigned priority = 6;
  uint64_t count = 0;  // per sender; 0: until SIGTERM
  uint64_t burst = 10;
  uint64_t pause_us = 1000;
  size_t filling_bytes_max = 240;
  size_t large_filling_bytes_max = 200'000;
};

struct Sender {
  std::string name;
  std::string kind;

  bool is_large() const { return kind == "large" || kind == "memfd"; }
  bool is_brief() const { return kind == "brief"; }
};

struct Record {
  std::atomic<uint64_t> accepted;
  std::atomic<uint64_t> failed;
  std::atomic<uint64_t> blocked_us_max;
  std::atomic<uint64_t> send_began_us;  // 0: none is being sent
};

struct Shared {
  std::atomic<bool> stop;
  Record records[kSendersMax];
};

uint64_t now_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<microseconds>(now).count());
}

void raise_to(std::atomic<uint64_t>* highest, uint64_t value) {
  if (value > highest->load()) highest->store(value);
}

size_t filling_bytes(const Sender& sender, const Options& options,
                     uint64_t number) {
  const size_t max = sender.is_large() ? options.large_filling_bytes_max
                                       : options.filling_bytes_max;
  const size_t spread = max / 4 * 3;
  return max - static_cast<size_t>(number * 7919) % (spread + 1);
}

// Whether the message was accepted; it is not when the senders shall stop.
bool send_until_accepted(Transport* transport, std::string_view text,
                         Shared* shared, Record* record) {
  record->send_began_us = now_us();
  int error = transport->send(text);
  while (error != 0 && !shared->stop) {
    ++record->failed;
    std::this_thread::sleep_for(kRetryAfter);
    error = transport->send(text);
  }
  if (error == 0) ++record->accepted;
  raise_to(&record->blocked_us_max, now_us() - record->send_began_us);
  record->send_began_us = 0;
  return error == 0;
}

void run_sender(const Sender& sender, const Options& options, Shared* shared,
                Record* record) {
  const auto transport =
      make_transport(sender.kind, sender.name, options.priority);
  const uint64_t burst =
      sender.is_large() || sender.is_brief() ? 1 : options.burst;
  const auto pause =
      microseconds(options.pause_us) * (sender.is_large() ? 20 : 1);
  for (uint64_t number = 0; !shared->stop; ++number) {
    if (options.count != 0 && number == options.count) return;
    const auto text =
        message_text({.sender = sender.name,
                      .number = number,
                      .pid = getpid(),
                      .filling_bytes = filling_bytes(sender, options, number)});
    if (!send_until_accepted(transport.get(), text, shared, record)) return;
    if (pause.count() != 0 && number % burst == burst - 1)
      std::this_thread::sleep_for(pause);
  }
}

pid_t start_sender(const Sender& sender, const Options& options, Shared* shared,
                   Record* record) {
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  run_sender(sender, options, shared, record);
  _exit(0);
}

// Forgets the children that have ended; returns whether none is left.
bool reap(std::vector<pid_t>* children) {
  std::erase_if(*children, [](pid_t child) {
    return waitpid(child, nullptr, WNOHANG) != 0;
  });
  return children->empty();
}

void wait_for_end(std::vector<pid_t>* children, std::chrono::seconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!reap(children) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(kTick);
}

void write_state(const Options& options, const std::vector<Sender>& all,
                 std::span<const Record> records,
                 const std::vector<bool>& unknown) {
  std::ofstream file(options.state_file);
  for (size_t i = 0; i < all.size(); ++i)
    file << fmt::format(
        R"({{"name":"{}","kind":"{}","accepted":{},"unknown":{},)"
        R"("failed":{},"blocked_us_max":{}}})"
        "\n",
        all[i].name, all[i].kind, records[i].accepted.load(), bool{unknown[i]},
        records[i].failed.load(), records[i].blocked_us_max.load());
}

// Kills the senders that do not end; says of which the last message is unknown.
std::vector<bool> kill_blocked(std::span<const pid_t> children,
                               std::span<Record> records) {
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  std::vector<bool> unknown;
  for (auto& record : records) {
    unknown.push_back(record.send_began_us != 0);
    if (unknown.back())
      raise_to(&record.blocked_us_max, now_us() - record.send_began_us);
  }
  return unknown;
}

int run(const Options& options, const std::vector<Sender>& all) {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  auto* shared = static_cast<Shared*>(memory);  // zeros are its first state
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGCHLD})
    sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, nullptr);

  std::vector<pid_t> children;
  for (size_t i = 0; i < all.size(); ++i)
    children.push_back(
        start_sender(all[i], options, shared, &shared->records[i]));
  // With a count, all end by themselves, and each end is a SIGCHLD.
  for (int number = SIGCHLD; number == SIGCHLD && !reap(&children);)
    sigwait(&signals, &number);
  shared->stop = true;
  wait_for_end(&children, kStopGrace);
  const std::span<Record> records(shared->records, all.size());
  write_state(options, all, records, kill_blocked(children, records));
  return 0;
}

// "KIND=COUNT" becomes COUNT senders; none where it cannot be read.
std::vector<Sender> named_senders(const Options& options) {
  std::vector<Sender> all;
  for (const auto& item : options.kinds) {
    const auto equals = item.find('=');
    const auto kind = item.substr(0, equals);
    size_t count = 0;
    if (equals == std::string::npos ||
        make_transport(kind, "", options.priority) == nullptr ||
        !CLI::detail::lexical_cast(item.substr(equals + 1), count))
      return {};
    for (size_t i = 0; i < count; ++i)
      all.push_back({fmt::format("{}-{}-{}", options.prefix, kind, i), kind});
  }
  return all;
}

}  // namespace
}  // namespace senders

int main(int argc, char** argv) {
  senders::Options options;
  CLI::App app("Sends numbered messages and records which were accepted.");
  app.add_option("--sender", options.kinds,
                 "KIND=COUNT of syslog, native, stream, large, memfd, brief")
      ->required();
  app.add_option("--state", options.state_file, "what was accepted")
      ->required();
  app.add_option("--prefix", options.prefix, "how senders' names begin");
  app.add_option("--priority", options.priority)->check(CLI::Range(0, 7));
  app.add_option("--count", options.count, "messages of each sender");
  app.add_option("--burst", options.burst, "messages before each pause");
  app.add_option("--pause-us", options.pause_us, "0: none");
  app.add_option("--bytes-max", options.filling_bytes_max);
  app.add_option("--large-bytes-max", options.large_filling_bytes_max);
  CLI11_PARSE(app, argc, argv);
  const auto all = senders::named_senders(options);
  if (all.empty() || all.size() > senders::kSendersMax) {
    fmt::print(stderr, "steady_senders: --sender KIND=COUNT, at most {}\n",
               senders::kSendersMax);
    return 2;
  }
  return senders::run(options, all);
}
