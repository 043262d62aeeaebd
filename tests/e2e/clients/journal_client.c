// Logs through libsystemd: journal_client print|binary|big BYTES|stream. Waits
// for the end of its standard input so that a test can look at it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

static int send_print(void) {
  return sd_journal_print(LOG_NOTICE, "printed %d", 42);
}

static int send_binary(void) {
  static const char binary[] = "BINARY=a\nb\0c\xff";
  struct iovec fields[] = {
      {"MESSAGE=with a binary field", 27},
      {"PRIORITY=4", 10},
      {"TWICE=one", 9},
      {"TWICE=two", 9},
      {(char*)binary, sizeof binary - 1},
  };
  return sd_journal_sendv(fields, sizeof fields / sizeof fields[0]);
}

// The value is too large for a datagram from some size on: the library then
// passes a sealed memory file.
static int send_big(size_t bytes) {
  char* value = malloc(bytes + 5);
  if (value == NULL) return -1;
  memcpy(value, "BIG=", 4);
  for (size_t i = 0; i < bytes; ++i) value[4 + i] = (char)('a' + i % 26);
  value[4 + bytes] = '\0';
  struct iovec fields[] = {
      {"MESSAGE=with a big field", 24},
      {value, bytes + 4},
  };
  int result = sd_journal_sendv(fields, 2);
  free(value);
  return result;
}

static int send_stream(void) {
  int fd = sd_journal_stream_fd("c-stream", LOG_WARNING, 1);
  if (fd < 0) return fd;
  dprintf(fd, "first\n<2>second\nno end");
  return close(fd);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  int result = -1;
  if (strcmp(argv[1], "print") == 0) result = send_print();
  if (strcmp(argv[1], "binary") == 0) result = send_binary();
  if (strcmp(argv[1], "big") == 0 && argc == 3) {
    result = send_big((size_t)atol(argv[2]));
  }
  if (strcmp(argv[1], "stream") == 0) result = send_stream();
  char byte;
  return result < 0 || read(STDIN_FILENO, &byte, 1) < 0;
}
