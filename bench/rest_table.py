"""What a daemon costs when little happens, and when nothing does."""

import time

import load

RATE = 5_000
SECONDS = 30
IDLE_SECONDS = 10
HEAD = (f"| | CPU % at {RATE:,} messages/s | peak RSS MB "
        f"| wake-ups in {IDLE_SECONDS} idle s | PSS MB |\n"
        "|---|---:|---:|---:|---:|")


def measure(options, peer, mode):
    peer.wipe()
    peer.start()
    time.sleep(1)
    count = RATE * SECONDS
    cpu_before, begin = peer.cpu_s(), time.monotonic()
    load.finished(load.start(options, mode, f"--count={count}",
                             f"--rate={RATE}"))
    cpu_share = ((peer.cpu_s() - cpu_before) / (time.monotonic() - begin))
    rss = peer.peak_rss_bytes()
    peer.finish_work()
    load.check_complete(peer, count)
    peer.wait_for_idle_care()
    time.sleep(5)
    wakeups = peer.wakeups()
    time.sleep(IDLE_SECONDS)
    wakeups = peer.wakeups() - wakeups
    pss = peer.pss_bytes()
    peer.stop()
    return (f"{100 * cpu_share:.1f} | {rss / 2**20:.1f} | {wakeups} "
            f"| {pss / 2**20:.1f}")


def print_table(options, kinds):
    print(HEAD, flush=True)
    for kind in kinds:
        for mode in options.modes:
            if mode in kind.modes:
                print(f"| {kind.name}, {mode} "
                      f"| {measure(options, kind(), mode)} |", flush=True)
