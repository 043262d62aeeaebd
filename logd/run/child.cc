#include "logd/run/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace logrun {
namespace {

enum class Stage { kDirectory, kExec };

// What the child tells its parent when it could not become the command.
struct StartFailure {
  Stage stage;
  int sys_errno;
};

struct Pipe {
  logfmt::Fd read{};
  logfmt::Fd write{};
};

logfmt::Result<Pipe> make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) {
    return logfmt::fail_errno("cannot create a pipe for the command");
  }
  return Pipe{.read = logfmt::Fd(fds[0]), .write = logfmt::Fd(fds[1])};
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  list.reserve(strings.size() + 1);
  for (const std::string& text : strings) {
    list.push_back(const_cast<char*>(text.c_str()));
  }
  list.push_back(nullptr);
  return list;
}

struct ChildEnds {
  int out;
  int err;
  int failure;
};

// Runs in the child between fork and exec: system calls only, no memory.
[[noreturn]] void become_command(const ChildSetup& setup, char* const* argv,
                                 char** envp, ChildEnds ends) {
  StartFailure failure{.stage = Stage::kDirectory, .sys_errno = 0};
  setsid();
  dup2(ends.out, STDOUT_FILENO);
  dup2(ends.err, STDERR_FILENO);
  if (setup.directory.empty() || chdir(setup.directory.c_str()) == 0) {
    failure.stage = Stage::kExec;
    sigprocmask(SIG_SETMASK, &setup.signal_mask, nullptr);
    // The PATH that counts is the command's, which --env may have set; execvpe
    // would look into ours.
    environ = envp;
    execvp(argv[0], argv);
  }
  failure.sys_errno = errno;
  static_cast<void>(write(ends.failure, &failure, sizeof failure) == 0);
  _exit(125);
}

logfmt::Error start_error(const ChildSetup& setup,
                          const StartFailure& failure) {
  const std::string& program = setup.command.front();
  logfmt::Error error{.sys_errno = failure.sys_errno};
  if (failure.stage == Stage::kDirectory) {
    error.detail = fmt::format("cannot enter the directory {} given by --chdir",
                               setup.directory);
    return error;
  }
  error.code = failure.sys_errno == ENOENT
                   ? logfmt::ErrorCode::kNotFound
                   : logfmt::ErrorCode::kInvalidArgument;
  const bool is_path = program.find('/') != std::string::npos;
  if (failure.sys_errno == ENOENT && !is_path) {
    error.sys_errno = 0;
    error.detail =
        fmt::format("cannot find {} in any directory of PATH", program);
  } else if (failure.sys_errno == ENOENT &&
             access(program.c_str(), F_OK) == 0) {
    error.detail = fmt::format(
        "cannot execute {}: the interpreter named in its first line is missing",
        program);
  } else {
    error.detail = fmt::format("cannot execute {}", program);
  }
  return error;
}

}  // namespace

logfmt::Result<Child> start_child(const ChildSetup& setup) {
  auto out = make_pipe();
  if (!out) return logfmt::fail(out.error());
  auto err = make_pipe();
  if (!err) return logfmt::fail(err.error());
  auto report = make_pipe();
  if (!report) return logfmt::fail(report.error());

  const std::vector<char*> argv = pointers(setup.command);
  std::vector<char*> envp = pointers(setup.environment);
  const pid_t pid = fork();
  if (pid < 0) return logfmt::fail_errno("cannot fork");
  if (pid == 0) {
    become_command(setup, argv.data(), envp.data(),
                   {.out = out->write.get(),
                    .err = err->write.get(),
                    .failure = report->write.get()});
  }
  report->write.reset();
  StartFailure failure{};
  ssize_t bytes = 0;
  do {
    bytes = read(report->read.get(), &failure, sizeof failure);
  } while (bytes < 0 && errno == EINTR);
  if (bytes == sizeof failure) {
    waitpid(pid, nullptr, 0);
    return logfmt::fail(start_error(setup, failure));
  }
  return Child{
      .pid = pid, .out = std::move(out->read), .err = std::move(err->read)};
}

int start_error_status(const logfmt::Error& error) {
  if (error.code == logfmt::ErrorCode::kNotFound) return 127;
  if (error.code == logfmt::ErrorCode::kInvalidArgument) return 126;
  return 125;
}

std::vector<std::string> child_environment(
    const char* const* inherited, std::span<const std::string> settings) {
  std::vector<std::string> environment;
  const auto set = [&](std::string_view setting) {
    const auto name = setting.substr(0, setting.find('=') + 1);
    std::erase_if(environment, [&](const std::string& existing) {
      return existing.starts_with(name);
    });
    environment.emplace_back(setting);
  };
  set("PYTHONUNBUFFERED=1");
  for (; *inherited != nullptr; ++inherited) set(*inherited);
  for (const std::string& setting : settings) set(setting);
  return environment;
}

}  // namespace logrun
