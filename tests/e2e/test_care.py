"""Looking after a store beside the daemon that writes it."""

import os
import pathlib
import signal
import subprocess
import time
import unittest

import senders
from case import DaemonCase


class CareCase(DaemonCase):
    def setUp(self):
        super().setUp()
        self.needs_logd("journalctl's care has other words")

    def care(self, *arguments, status=0, **options):
        """Runs logq as root; returns what it printed."""
        options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run([*self.daemon.query_command(), *arguments],
                              capture_output=True, text=True, **options)
        self.assertEqual(done.returncode, status,
                         (arguments, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def files(self, suffix):
        return sorted(pathlib.Path(self.daemon.store).glob("*" + suffix))

    def log(self, identifier, count, text="line"):
        for number in range(count):
            senders.send_syslog(f"<14>{identifier}: {text} {number}".encode())

    def messages(self, *selection):
        return self.daemon.query("-o", "cat", *selection).decode().split("\n")


class Commands(CareCase):
    def test_sync_returns_when_all_that_was_sent_can_be_read(self):
        for number in range(20):
            senders.send_syslog(f"<14>synced: {number}".encode())
            self.care("--sync")
            found = self.daemon.query("-o", "cat", "-t", "synced")
            self.assertEqual(found.count(b"\n"), number + 1)

    def test_sync_takes_in_what_waits_in_the_queue(self):
        count = 400  # more than one read takes
        self.daemon.signal(signal.SIGSTOP)
        self.log("queued", count)
        command = subprocess.Popen([*self.daemon.query_command(), "--sync"])
        time.sleep(0.2)
        self.daemon.signal(signal.SIGCONT)
        self.assertEqual(command.wait(20), 0)
        found = self.daemon.query("-o", "cat", "-t", "queued")
        self.assertEqual(found.count(b"\n"), count)

    def test_rotate_returns_when_the_segment_is_sealed(self):
        self.log("rotated", 20000)
        self.care("--sync", "--rotate")
        self.assertEqual(self.files(".wal"), [])
        self.assertIn(", sealed", self.care("--header"))
        self.assertIn("PASS", self.care("--verify"))

    def test_a_stopped_daemon_is_missed_with_a_clear_word(self):
        self.daemon.stop()
        for command in ("--sync", "--rotate", "--flush"):
            self.assertIn("no logd answers", self.care(command, status=2))

    def test_a_stranger_may_not_command(self):
        self.assertIn("only root", self.care(
            "--rotate", status=2, user=65534, group=65534, extra_groups=[]))

    def test_curl_can_ask_too(self):
        socket = f"{self.daemon.runtime_directory}/query"
        done = subprocess.run(["curl", "-sf", "--unix-socket", socket,
                               "http://logd/status"], capture_output=True)
        self.assertIn(b'"store":"/var/log/logd"', done.stdout)
        self.assertIn(b'"datagram_queue":512', done.stdout)

    def test_commands_in_a_flood_end(self):
        flood = subprocess.Popen(
            ["sh", "-c", "yes 'a line of a flood' | logger -t flood"],
            start_new_session=True)
        try:
            time.sleep(0.2)
            for command in ("--sync", "--flush", "--rotate"):
                self.care(command)
                self.care("--verify")
        finally:
            os.killpg(flood.pid, signal.SIGKILL)
            flood.wait()

    def test_a_reload_and_a_command_go_together(self):
        for _ in range(10):
            self.daemon.signal(signal.SIGHUP)
            self.care("--sync")


class Deletion(CareCase):
    def trace_of(self, text):
        """Files in which the text stands in plain, dumped or not."""
        found = [path for path in pathlib.Path(self.daemon.store).iterdir()
                 if text.encode() in path.read_bytes()]
        for path in self.files(".seg"):
            blocks = self.care("dump", str(path)).count("\nblock ")
            for block in range(blocks):
                dump = self.care("dump", str(path), "--block", str(block))
                if text in dump:
                    found.append(path)
        return found

    def test_what_was_deleted_has_left_no_trace(self):
        self.log("kept", 50)
        self.log("secret", 50, "hunter2 password")
        self.care("--sync", "--rotate")
        self.assertTrue(self.trace_of("hunter2"))
        self.log("secret", 5, "hunter2 again")
        self.care("--sync")
        answer = self.care("--delete", "-t", "secret", "--yes")
        self.assertIn("Deleted 55 entries.", answer)
        self.assertEqual(self.trace_of("hunter2"), [])
        self.assertEqual(self.messages("-t", "secret"), [""])
        self.assertEqual(len(self.messages("-t", "kept")), 51)
        self.care("--verify")

    def test_entries_that_come_meanwhile_stay(self):
        self.log("running", 1000)
        self.care("--sync")
        writer = subprocess.Popen(
            ["sh", "-c", "for i in $(seq 200); do logger -t running later;"
             " done"])
        self.care("--delete", "-t", "running", "-g", "^line", "--yes")
        writer.wait()
        self.care("--sync")
        self.assertEqual(self.messages("-t", "running"), ["later"] * 200 + [""])
        self.care("--verify")

    def test_without_a_daemon_it_becomes_the_writer(self):
        self.log("gone", 10)
        self.log("stays", 10)
        self.care("--sync")
        self.daemon.stop()
        self.care("--delete", "-t", "gone", "--yes")
        self.assertEqual(self.messages("-t", "gone"), [""])
        self.assertEqual(len(self.messages("-t", "stays")), 11)
        self.daemon.start()
        self.log("stays", 1)
        self.care("--sync")
        self.assertEqual(len(self.messages("-t", "stays")), 12)
        self.care("--verify")

    def test_it_asks_and_takes_no_for_an_answer(self):
        self.log("asked", 3)
        self.care("--sync")
        self.assertIn("--yes", self.care("--delete", "-t", "asked", status=2))
        self.assertEqual(self.answered("n"), 1)
        self.assertEqual(len(self.messages("-t", "asked")), 4)
        self.assertEqual(self.answered("y"), 0)
        self.assertEqual(self.messages("-t", "asked"), [""])

    def answered(self, answer):
        master, slave = os.openpty()
        with os.fdopen(slave) as terminal:
            command = [*self.daemon.query_command(), "--delete", "-t", "asked"]
            process = subprocess.Popen(command, stdin=terminal,
                                       stdout=subprocess.PIPE, text=True)
            os.write(master, answer.encode() + b"\n")
            said, _ = process.communicate()
        os.close(master)
        self.assertRegex(said, r"3 entries from .* to .*\nDelete 3 entries\?")
        return process.returncode

    def test_a_stranger_deletes_nothing(self):
        self.log("guarded", 3)
        self.care("--sync")
        os.chmod(self.daemon.store, 0o755)
        self.care("--delete", "-t", "guarded", "--yes", status=2, user=65534,
                  group=65534, extra_groups=[])
        self.assertEqual(len(self.messages("-t", "guarded")), 4)


class Vacuum(CareCase):
    def segments(self, count):
        for _ in range(count):
            for _ in range(100):
                self.log("noisy", 1, os.urandom(200).hex())
            self.log("quiet", 1)
            self.care("--sync", "--rotate")

    def test_the_oldest_segments_go(self):
        self.segments(5)
        before = self.files(".seg")
        said = self.care("--vacuum-files=2")
        left = self.files(".seg")
        self.assertTrue(left)
        self.assertEqual(left, before[-len(left):])
        self.assertEqual(len(left) + len(self.files(".wal")), 2)
        self.assertRegex(said, r"Freed [0-9.]+[KM] in /var/log/logd\.")
        self.care("--verify")

    def test_a_unit_alone_is_cut(self):
        self.segments(3)
        quiet = len(self.messages("-t", "quiet"))
        self.care("--vacuum-size=15K", "-u", "noisy")
        left = len(self.messages("-t", "noisy"))
        self.assertLess(left, 200)
        self.assertGreater(left, 10)
        self.assertEqual(len(self.messages("-t", "quiet")), quiet)
        self.care("--vacuum-time=1us", "-u", "noisy")
        self.assertEqual(self.messages("-t", "noisy"), [""])
        self.assertEqual(len(self.messages("-t", "quiet")), quiet)
        self.care("--verify")


class Damage(CareCase):
    def test_repair_mends_what_verify_finds(self):
        self.log("mended", 100)
        self.care("--sync", "--rotate")
        segment = self.files(".seg")[-1]
        whole = segment.read_bytes()
        segment.write_bytes(whole[:-3] + b"xyz")
        self.assertIn("gap: " + segment.name, self.care("--verify", status=3))
        # The newest one may be being sealed; a daemon that has gone on to
        # the next has let it go.
        self.log("next", 1)
        self.care("--sync", "--rotate")
        self.assertIn(f"MENDED {segment.name}", self.care("--repair"))
        self.assertEqual(segment.read_bytes(), whole)
        self.care("--verify")

    def test_dump_explains_each_file(self):
        self.log("dumped", 10, "explain me")
        self.care("--sync")
        wal = self.care("dump", str(self.files(".wal")[-1]))
        self.assertIn("write-ahead log", wal)
        self.assertRegex(wal, r"first entry \d+, batch \d+")
        self.care("--rotate")
        segment = str(self.files(".seg")[-1])
        text = self.care("dump", segment)
        self.assertRegex(text, r"identifiers .*dumped \d+")
        self.assertRegex(text, r"footer at \d+")
        self.assertIn("explain me", self.care("dump", segment, "--block", "0"))
        self.care("dump", "/etc/passwd", status=2)


if __name__ == "__main__":
    unittest.main()
