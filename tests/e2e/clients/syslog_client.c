// Logs through libc's syslog(3), as old daemons do, then waits for the end of
// its standard input so that a test can look at it.
#include <syslog.h>
#include <unistd.h>

int main(void) {
  openlog("c-syslog", LOG_PID | LOG_NDELAY, LOG_MAIL);
  syslog(LOG_ERR, "plain %s", "text");
  syslog(LOG_LOCAL3 | LOG_DEBUG, "other facility");
  syslog(LOG_INFO, "two\nlines");
  setlogmask(LOG_UPTO(LOG_WARNING));
  syslog(LOG_INFO, "masked, never sent");
  syslog(LOG_WARNING, "last");
  closelog();
  char byte;
  return read(STDIN_FILENO, &byte, 1) < 0;
}
