"""How old a message is when the command that follows the log prints it."""

import os
import subprocess
import time
import uuid

import daemon
import load
import sandbox
import senders

HEAD = ("| send to visible, ms | messages/s | p50 | p99 | most |\n"
        "|---|---:|---:|---:|---:|")
# A modest rate, and that of a busy machine; gaps are exponential.
RATES = (100, 5_000)
SECONDS = 10


def print_row(name, rate, ages):
    print(f"| {name} | {rate:,} | {ages['p50_us'] / 1000:.2f} "
          f"| {ages['p99_us'] / 1000:.2f} | {ages['max_us'] / 1000:.2f} |",
          flush=True)


def send(options, mode, rate, token, path=None):
    load.finished(load.start(options, mode, f"--count={rate * SECONDS}",
                             f"--rate={rate}", "--jitter", "--stamp",
                             f"--end={token}", path=path))


def measure_limit(options, rate):
    """A receiver that does nothing: what the machine itself takes."""
    path = os.path.join(sandbox.SCRATCH, "meter")
    token = "END" + uuid.uuid4().hex
    meter = subprocess.Popen([f"{options.bin}/follow_meter", token, path],
                             stdout=subprocess.PIPE)
    daemon.wait_until(
        lambda: senders.reachable(path, senders.socket.SOCK_DGRAM),
        "the meter serves")
    send(options, "syslog", rate, token, path)
    os.unlink(path)
    return load.finished(meter)


def measure(options, peer, mode, rate):
    count = rate * SECONDS
    token = "END" + uuid.uuid4().hex
    peer.wipe()
    peer.start()
    # There is a log to follow.
    load.finished(load.start(options, mode, "--count=1"))
    time.sleep(1)
    follow = subprocess.Popen(peer.follow_command(), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    meter = subprocess.Popen([f"{options.bin}/follow_meter", token],
                             stdin=follow.stdout, stdout=subprocess.PIPE)
    follow.stdout.close()
    time.sleep(1)
    send(options, mode, rate, token)
    ages = load.finished(meter)
    follow.terminate()
    follow.wait()
    peer.stop()
    if ages["count"] != count:
        raise load.Lost(f"{peer.name}: {ages['count']} of {count} messages "
                        "were seen by who followed")
    return ages


def print_table(options, kinds):
    print(HEAD, flush=True)
    for rate in RATES:
        print_row("limit", rate, measure_limit(options, rate))
        for kind in kinds:
            for mode in options.modes:
                if mode in kind.modes:
                    print_row(f"{kind.name}, {mode}", rate,
                              measure(options, kind(), mode, rate))
