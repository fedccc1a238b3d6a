"""Look-ups and health checks while crowds are connected."""
import contextlib
import http.client
import json
import pathlib
import random
import resource
import subprocess
import sys
import time

from directory_stage import LOOKUP, Directory, name_of
from harness import PEER_IP, Workplace, status_kib

HERE = pathlib.Path(__file__).parent
IDLE, SLOW, FLOOD = 10_000, 500, 5_000
OURS = "127.0.0.5"  # nobody else's in this crowd
BETWEEN_LOOKUPS = 0.003


class Probe:
    """A client of the kind the crowds must not harm."""

    def __init__(self, directory, address=OURS):
        self.directory = directory
        self.connection = http.client.HTTPConnection(PEER_IP, directory.port, timeout=60, source_address=(address, 0))
        self.random = random.Random(7)

    def lookup(self):
        name = name_of(self.random.randrange(self.directory.peers), self.random.randrange(self.directory.each))
        begin = time.perf_counter()
        self.connection.request("POST", "/getFiles", json.dumps({"file_name": name}),
                                {"Authorization": f"Bearer {self.directory.token}"})
        response = self.connection.getresponse()
        response.read()
        assert response.status == 200, response.status
        return time.perf_counter() - begin

    def healthy(self):
        """On a connection of its own, from the crowd's address: the answer's status."""
        check = http.client.HTTPConnection(PEER_IP, self.directory.port, timeout=60)
        check.request("GET", "/healthz")
        return check.getresponse().status

    def watch(self, seconds):
        """99th percentile of look-ups in milliseconds; health checks answered otherwise than with 200."""
        until, times, refused = time.monotonic() + seconds, [], 0
        while time.monotonic() < until:
            times.append(self.lookup())
            if len(times) % 50 == 0:
                refused += self.healthy() != 200
            time.sleep(BETWEEN_LOOKUPS)
        times.sort()
        return times[len(times) * 99 // 100] * 1000, refused


@contextlib.contextmanager
def crowd(kind, count, directory):
    process = subprocess.Popen([sys.executable, HERE / "crowd.py", kind, str(count), str(directory.port)],
                               stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"READY\n", f"the {kind} crowd did not come"
    try:
        yield
        assert process.poll() is None, f"the {kind} crowd left"
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def flood(count, directory, seconds):
    """As many connections at once, all asking as fast as they are answered."""
    process = subprocess.Popen(["wrk", "-t1", f"-c{count}", f"-d{seconds + 5}s", "-s", LOOKUP,
                                f"http://{PEER_IP}:{directory.port}/getFiles", "--", directory.token,
                                str(directory.peers), str(directory.each)], stdout=subprocess.DEVNULL)
    try:
        yield
        assert process.poll() is None, "the flood was over too soon"
    finally:
        process.kill()
        process.wait()


def measure(programs, table, options):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    seconds = 2 * options.seconds
    with Workplace() as place:
        directory = Directory(place, programs, 10_000)
        probe = Probe(directory)
        alone, _ = probe.watch(seconds)
        print(f"  nobody else: 99th percentile of a look-up {alone:.2f} ms, client included")
        before = status_kib(directory.process.pid, "VmRSS") / 1024
        with crowd("idle", IDLE, directory):
            memory = status_kib(directory.process.pid, "VmRSS") / 1024
            note(table, f"{IDLE:,} idle connections", *probe.watch(seconds))
        table.at_most(f"{IDLE:,} idle connections: resident MiB", 400, [memory], f"{memory:.0f}, {before:.0f} without")
        with crowd("slow", SLOW, directory):
            note(table, f"{SLOW:,} slow writers", *probe.watch(seconds))
        with flood(FLOOD, directory, seconds):
            note(table, f"a flood of {FLOOD:,} connections", *probe.watch(seconds))
            own, _ = Probe(directory, PEER_IP).watch(2)
            print(f"  from the flood's own address: {own:.1f} ms")


def note(table, case, percentile, refused):
    table.at_most(f"{case}: 99th percentile of look-ups, ms", 20, [percentile], f"{percentile:.1f}")
    table.at_most(f"{case}: health checks refused", 0, [refused], str(refused))
