"""Look-ups while a snapshot of everything is written, and while 16 clients index as fast as they can.
As a program of its own: directory_meanwhile.py PORT, those clients. Says READY when they have begun."""
import contextlib
import itertools
import statistics
import subprocess
import sys
import threading
import time

from directory_connections import BETWEEN_LOOKUPS, Probe
from directory_stage import Directory
from directory_storage import CLIENTS, Client, files_of
from harness import Workplace, wait_until

BODIES = 20  # of one client, which adds and then removes them, over and over


def percentile(probe, goes_on):
    """99th percentile of look-ups in milliseconds, for as long as it goes on."""
    times = []
    while goes_on() or len(times) < 100:
        times.append(probe.lookup())
        time.sleep(BETWEEN_LOOKUPS)
    times.sort()
    return times[len(times) * 99 // 100] * 1000


def during(seconds):
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


@contextlib.contextmanager
def indexing(directory):
    process = subprocess.Popen([sys.executable, __file__, str(directory.port)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"READY\n", "the clients that index did not come"
    try:
        yield
        assert process.poll() is None, "the clients that index left"
    finally:
        process.kill()
        process.wait()


def measure_once(programs, options):
    """Percentiles: during a snapshot, with nothing else to do, while others index."""
    with Workplace() as place:
        directory = Directory(place, programs, options.entries)
        # The login is a change, and the first snapshot follows a second later.
        snapshot = directory.folder / "logged_peers.json.tmp"
        wait_until(snapshot.exists, "a snapshot")
        probe = Probe(directory)
        in_snapshot = percentile(probe, snapshot.exists)
        alone = percentile(probe, during(options.seconds))
        with indexing(directory):
            in_indexing = percentile(probe, during(options.seconds))
    return in_snapshot, alone, in_indexing


def measure(programs, table, options):
    rounds = [measure_once(programs, options) for _ in range(options.rounds)]
    in_snapshot, alone, in_indexing = zip(*rounds)
    shown = [f"{statistics.median(each):.2f}" for each in (alone, in_snapshot, in_indexing)]
    print(f"  99th percentile of a look-up, ms, client included: alone {shown[0]}, snapshot {shown[1]}, "
          f"{CLIENTS} clients indexing {shown[2]}")
    for what, values in (("a snapshot is written", in_snapshot), (f"{CLIENTS} clients index", in_indexing)):
        table.at_most(f"look-ups while {what}: 99th percentile ÷ alone", 5, [a / b for a, b in zip(values, alone)])


def index_for_ever(port, number, begun):
    client = Client(port, number)
    adding = [client.body(files_of(number, i)) for i in range(BODIES)]
    removing = [body[:-1] + b', "mode": "remove"}' for body in adding]
    begun.wait()
    for body in itertools.cycle(adding + removing):
        client.send(body)


def main():
    begun = threading.Barrier(CLIENTS + 1)
    for number in range(CLIENTS):
        threading.Thread(target=index_for_ever, args=(int(sys.argv[1]), number, begun), daemon=True).start()
    begun.wait()
    print("READY", flush=True)
    time.sleep(3600)


if __name__ == "__main__":
    main()
