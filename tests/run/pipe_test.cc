// `logrun --pipe`, the real program.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "tests/run/fake_daemon.h"
#include "tests/run/logrun_process.h"

namespace logrun_test {
namespace {

using Words = std::vector<std::string>;

class Pipe : public testing::Test {
 protected:
  std::string input_file(const std::string& text) {
    const std::string path = daemon_.directory() + "/input";
    std::ofstream(path) << text;
    return path;
  }

  FakeDaemon daemon_;
};

TEST_F(Pipe, LogsStandardInputToItsEnd) {
  daemon_.start();
  std::string text;
  for (int i = 0; i < 200000; ++i) text += std::to_string(i) + "\n";
  LogrunProcess process(daemon_.directory(), {"--pipe", "-u", "web"},
                        input_file(text));
  EXPECT_EQ(0, process.wait());
  ASSERT_TRUE(wait_until([&] {
    return daemon_.connections().size() == 1 && daemon_.connections()[0].ended;
  }));
  const Connection connection = daemon_.connections()[0];
  ASSERT_EQ(7u, connection.header.size());
  EXPECT_EQ("web", connection.header[0]);
  EXPECT_EQ("web.service", connection.header[1]);
  EXPECT_EQ(text, connection.body);
}

TEST_F(Pipe, WaitsForADaemonThatIsBeingRestarted) {
  const std::string fifo = daemon_.directory() + "/fifo";
  ASSERT_EQ(0, mkfifo(fifo.c_str(), 0600));
  std::fstream writer(fifo);  // both ends, so that opening does not block
  LogrunProcess process(daemon_.directory(), {"--pipe", "-u", "web"}, fifo);
  writer << "early\n" << std::flush;
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  daemon_.start();
  ASSERT_TRUE(wait_until([&] { return daemon_.lines("stdout").size() == 1; }));
  writer << "late\n" << std::flush;
  process.signal(SIGTERM);
  EXPECT_EQ(0, process.wait());
  EXPECT_EQ("early\nlate\n", daemon_.connections()[0].body);
}

TEST_F(Pipe, SaysWhatCouldNotBeDelivered) {
  LogrunProcess process(daemon_.directory(), {"--pipe", "-u", "web"},
                        input_file("one\ntwo\n"));
  EXPECT_EQ(125, process.wait());
  EXPECT_NE(std::string::npos,
            process.printed().find("2 lines (8 bytes) could not be delivered"));
}

}  // namespace
}  // namespace logrun_test
