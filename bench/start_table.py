"""How long a start takes beside a large store, and a worker's replacement."""

import base64
import contextlib
import fcntl
import os
import random
import socket
import statistics
import struct
import subprocess
import tempfile
import termios
import time
import uuid

import daemon
import load
import sandbox
import senders

HEAD = ("| ms: median, most | store GiB | files | start, stopped in order "
        "| start after kill -9 under load | worker killed: takes again "
        "| what was sent meanwhile is readable |\n"
        "|---|---:|---:|---:|---:|---:|---:|")
STARTS = 7
KILLS = 20
RATE = 5_000  # messages a second while daemons are killed
# Text of which nothing can be compressed but that it is text.
LINE_BYTES = 4_000
CORPUS_LINES = 4_000
# Of a real log, 16 blocks take about as much.
SEGMENT_BLOCKS = 2


def fill(options, peer):
    """A store of the wanted size, its segments as small as real ones."""
    randomness = random.Random(1)
    with tempfile.NamedTemporaryFile(dir="/run") as corpus:
        for _ in range(CORPUS_LINES):
            raw = randomness.randbytes(LINE_BYTES * 3 // 4)
            corpus.write(base64.b64encode(raw) + b"\n")
        corpus.flush()
        entries = int(options.store_gib * 2**30 / (LINE_BYTES * 3 / 4))
        subprocess.run(
            [f"{options.bin}/fill", f"--store={peer.store}",
             f"--corpus={corpus.name}", "--level=1", "--numbered",
             f"--segment-blocks={SEGMENT_BLOCKS}", f"--entries={entries}"],
            check=True, stdout=subprocess.DEVNULL)


def start_ms(peer):
    """From before its fork until it says READY=1."""
    path = os.path.join(sandbox.SCRATCH, "notify")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(daemon.READY_S_MAX)
        peer.environment["NOTIFY_SOCKET"] = path
        peer.configure()
        with open(peer.output, "ab") as output:
            begin = time.monotonic()
            peer.process = subprocess.Popen(
                peer.command(), stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env={**os.environ, **peer.environment})
            while b"READY=1" not in manager.recv(4096):
                pass
        return 1000 * (time.monotonic() - begin)


def starts_after_stop(peer):
    times = []
    for _ in range(STARTS):
        times.append(start_ms(peer))
        peer.stop()
    return times


def starts_after_kill(options, peer):
    times = []
    start_ms(peer)
    for _ in range(STARTS):
        load.finished(load.start(options, "syslog", f"--count={RATE * 2}"))
        peer.kill()
        times.append(start_ms(peer))
    peer.stop()
    return times


def unread_bytes(sender):
    """What was sent and is in the receiver's queue still."""
    answer = fcntl.ioctl(sender, termios.TIOCOUTQ, struct.pack("i", 0))
    return struct.unpack("i", answer)[0]


def replace_worker(peer):
    """Kills it; when is what is sent then taken, and when readable?"""
    token = uuid.uuid4().hex
    with senders.datagram_socket(senders.SYSLOG) as sender:
        begin = time.monotonic()
        peer.kill_worker()
        sender.send(f"<13>{token}: sent to nobody".encode())
        while unread_bytes(sender) > 0:
            time.sleep(0.0001)
        taken = time.monotonic()
        while not peer.query("-n", "1", "-t", token):
            pass
        return 1000 * (taken - begin), 1000 * (time.monotonic() - begin)


def replacements(options, peer):
    start_ms(peer)
    pause_s = 0.5
    background = load.start(options, "native", f"--rate={RATE}",
                            f"--count={int(RATE * KILLS * pause_s * 2)}")
    times = []
    for _ in range(KILLS):
        time.sleep(pause_s)
        times.append(replace_worker(peer))
    background.terminate()
    background.communicate()
    peer.stop()
    return zip(*times)


def times_cell(times_ms):
    times_ms = list(times_ms)
    return f"{statistics.median(times_ms):.1f}, {max(times_ms):.1f}"


def measure(options, peer):
    peer.wipe()
    size = files = 0
    if hasattr(peer, "kill_worker"):
        fill(options, peer)
        size, files = peer.disk_bytes() / 2**30, len(os.listdir(peer.store))
    cells = [f"{size:.1f}", str(files), times_cell(starts_after_stop(peer)),
             times_cell(starts_after_kill(options, peer))]
    if hasattr(peer, "kill_worker"):
        cells += [times_cell(times) for times in replacements(options, peer)]
    else:
        cells += ["", ""]
    peer.wipe()
    return " | ".join(cells)


def print_table(options, kinds):
    print(HEAD, flush=True)
    for kind in kinds:
        peer = kind()
        peer.set_idle_care(False)  # or the store would not stay as it is
        print(f"| {kind.name} | {measure(options, peer)} |", flush=True)
