"""The transfer engine against curl, aria2, rsync, libtorrent and openssl: every
contender once a round, in turn, and a table of ratios. Nobody's figure is a best of
many; a ratio is the median over the rounds, with its extremes."""
import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile

import rivals
from harness import PEER_IP, Workplace, free_port, peak_resident_kib, post, run, spread, wait_until, write_sample
from table import Table, ratios

MIB = 1024 * 1024
LIMIT_MIB = 50
SMALL_FILES, SMALL_BYTES = 10_000, 10 * 1024


class Stage:
    """A directory, a client logged in to it, and peers that are started as cases need them."""

    def __init__(self, place, programs, landing):
        self.place, self.programs, self.landing = place, programs, landing
        self.port = free_port()
        (place.path / "password").write_text("bench\n")
        place.start(programs / "main-server", "--host", PEER_IP, "--port", self.port, "--log-level", "warning",
                    port=self.port)
        self.environment = {**place.environment("client"), "TRUEQUE_PASSWORD": "bench"}
        self.client = [programs / "peer-client", "--server-host", PEER_IP, "--server-port", self.port]
        run(self.client + ["login", "--username", "luis", "--peer-ip", PEER_IP, "--peer-port", "1"],
            environment=self.environment)
        status, login = post(self.port, "/login", {"username": "probe", "password": "bench", "peer_ip": "10.9.9.9"})
        assert status == 200, login
        self.token = login["token"]

    @contextlib.contextmanager
    def sources(self, folders, expected, *settings):
        """A peer-server for each folder; `expected` says how many of them share each name."""
        servers = [self.start_source(f"source{i}", folder, settings) for i, folder in enumerate(folders)]
        for name, count in expected.items():
            wait_until(lambda: self.sources_of(name) == count, f"{name} to be announced", 300)
        yield servers
        for server in servers:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
            self.place.processes.remove(server)

    def start_source(self, user, folder, settings):
        port = free_port()
        return self.place.start(self.programs / "peer-server", "--host", PEER_IP, "--port", port, "--shared-dir", folder,
                                "--directory-url", f"http://{PEER_IP}:{self.port}", "--directory-username", user,
                                "--directory-password-file", self.place.path / "password",
                                "--directory-advertise-ip", PEER_IP, *settings, port=port)

    def sources_of(self, name):
        status, answer = post(self.port, "/getFiles", {"file_name": name}, self.token)
        return len(answer) if status == 200 else 0

    def get(self, name, target, servers=(), *options):
        return run(self.client + ["get", name, "--output", target, *options], servers, self.environment)

    def clear(self):
        for each in self.landing.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()


def seconds(costs):
    return [c.seconds for c in costs]


def bench_one_source(stage, table, options, folder):
    """One large file from one peer, in memory: against everybody."""
    nginx_port, seed_port = free_port(), free_port()
    big, url = folder / "one.bin", f"http://{PEER_IP}:{nginx_port}/one.bin"
    nginx = stage.place.start_nginx(nginx_port, f"location / {{ root {folder}; }}")
    torrent = stage.place.path / "one.torrent"
    run(rivals.torrent("make", big, torrent))
    seed = stage.place.start(*rivals.torrent("seed", torrent, folder, seed_port), port=seed_port)
    digest = rivals.sha256(big)
    with stage.sources([folder], {"one.bin": 1}) as (server,):
        ours, curl, checked, aria2, libtorrent = [], [], [], [], []
        target = stage.landing / "one.bin"
        for _ in range(options.rounds):
            for costs, command, servers in (
                    (curl, rivals.curl(url, target), [nginx]),
                    (checked, rivals.curl_then_sha256(url, target), [nginx]),
                    (aria2, rivals.aria2(url, target, digest), [nginx]),
                    (libtorrent, rivals.torrent("fetch", torrent, stage.landing, PEER_IP, seed_port), [seed])):
                costs.append(run(command, servers))
                stage.clear()
            ours.append(stage.get("one.bin", target, [server]))
            subprocess.run(["cmp", big, target], check=True)
            stage.clear()
        server_memory = peak_resident_kib(server.pid) / 1024
    mine, size = seconds(ours), options.mib / 1024
    print(f"  MiB/s: ours {spread([options.mib / s for s in mine])}, curl {spread([options.mib / s for s in seconds(curl)])}")
    table.at_least("one source: rate ÷ curl, unverified", 0.8, ratios(seconds(curl), mine))
    table.at_least("one source: rate ÷ curl, then a SHA-256", 1.2, ratios(seconds(checked), mine))
    table.at_least("one source: rate ÷ aria2c --checksum", 1.5, ratios(seconds(aria2), mine))
    table.at_least("one source: rate ÷ libtorrent v2", 1.5, ratios(seconds(libtorrent), mine))
    cpu = ratios([c.cpu for c in ours], [c.cpu for c in checked])
    table.at_most("CPU of both sides ÷ curl + nginx + SHA-256", 1.1, cpu,
                  f"{spread(cpu)}, {statistics.median(c.cpu for c in ours) / size:.2f} s a GiB")
    memory = max(c.resident_kib for c in ours) / 1024
    table.at_most("resident MiB, the larger of both sides", 64, [max(memory, server_memory)],
                  f"client {memory:.0f}, server {server_memory:.0f}")


def bench_many_sources(stage, table, options, folders):
    """The same from two and four peers, which here share two cores with the client."""
    counted = {1: "one.bin", 2: "two.bin", 4: "four.bin"}
    expected = {name: count for count, name in counted.items()}
    times = {count: [] for count in counted}
    with stage.sources(folders, expected):
        for _ in range(options.rounds):
            for count, name in counted.items():
                times[count].append(stage.get(name, stage.landing / name).seconds)
                stage.clear()
    for count in (2, 4):
        table.at_least(f"{count} sources: rate ÷ one source", 1.0, ratios(times[1], times[count]))
    limited = {2: [], 4: []}
    with stage.sources(folders, expected, "--upload-rate", f"{LIMIT_MIB}M"):
        for _ in range(max(1, options.rounds // 2)):
            for count, rates in limited.items():
                took = stage.get(counted[count], stage.landing / counted[count]).seconds
                rates.append(options.mib / took / (count * LIMIT_MIB))
                stage.clear()
    for count, rates in limited.items():
        table.at_least(f"{count} sources of {LIMIT_MIB} MiB/s each: rate ÷ their sum", 0.95, rates)


def bench_disk(stage, table, options, folder, disk):
    nginx_port = free_port()
    stage.place.start_nginx(nginx_port, f"location / {{ root {folder}; }}")
    curl, ours = [], []
    target = disk / "one.bin"
    with stage.sources([folder], {"one.bin": 1}):
        for _ in range(options.rounds):
            for costs, fetch in ((curl, lambda: run(rivals.curl(f"http://{PEER_IP}:{nginx_port}/one.bin", target))),
                                 (ours, lambda: stage.get("one.bin", target))):
                target.unlink(missing_ok=True)
                os.sync()
                costs.append(fetch().seconds)
    table.at_least("to disk: rate ÷ curl, which does not sync", 0.8, ratios(curl, ours))


def bench_small_files(stage, table, options, folder):
    small = folder / "small"
    small.mkdir(parents=True)
    for i in range(SMALL_FILES):
        (small / f"file {i:05d}.bin").write_bytes(os.urandom(SMALL_BYTES))
    nginx_port, rsync_port = free_port(), free_port()
    stage.place.start_nginx(nginx_port, f"location / {{ root {folder}; }}")
    rivals.start_rsync_daemon(stage.place, rsync_port, small)
    listing = stage.place.path / "listing"
    listing.write_text("".join(f"http://{PEER_IP}:{nginx_port}/small/file%20{i:05d}.bin\n out=file {i:05d}.bin\n"
                               for i in range(SMALL_FILES)))
    aria2, rsync, ours = [], [], []
    last = f"small/file {SMALL_FILES - 1:05d}.bin"
    with stage.sources([folder], {last: 1}) as servers:
        for _ in range(options.rounds):
            aria2.append(run(rivals.aria2_list(listing, stage.landing)).seconds)
            stage.clear()
            rsync.append(run(rivals.rsync(rsync_port, stage.landing)).seconds)
            stage.clear()
            cost = stage.get("small/", stage.landing, servers)
            ours.append(cost.seconds)
            subprocess.run(["diff", "-r", small, stage.landing / "small"], check=True)
            stage.clear()
        memory = max(cost.resident_kib, peak_resident_kib(servers[0].pid)) / 1024
    table.at_most(f"{SMALL_FILES:,} × 10 KiB: time ÷ aria2c -i", 0.7, ratios(ours, aria2),
                  f"{spread(ratios(ours, aria2))}, {statistics.median(ours):.2f} s")
    table.at_most(f"{SMALL_FILES:,} × 10 KiB: time ÷ rsync daemon (an aim)", 1.5, ratios(ours, rsync))
    table.at_most(f"{SMALL_FILES:,} × 10 KiB: resident MiB, the larger side", 64, [memory], f"{memory:.0f}")


def bench_hash(stage, table, options, folder):
    ours, openssl = [], []
    for _ in range(options.rounds):
        openssl.append(run(["openssl", "dgst", "-sha256", folder / "one.bin"]).seconds)
        ours.append(run([stage.programs / "peer-client", "hash", folder / "one.bin"]).seconds)
    cores = len(os.sched_getaffinity(0))
    table.at_most(f"hash: time ÷ (openssl dgst ÷ {cores} cores)", 1.1, [r * cores for r in ratios(ours, openssl)])


def bench_beside_hashing(stage, table, options, folder, busy):
    """From a peer that hashes a file that never ends meanwhile, and from one that has nothing to hash."""
    busy.mkdir()
    (busy / "one.bin").hardlink_to(folder / "one.bin")
    with open(busy / "endless", "wb") as endless:
        endless.truncate(1024 * 1024 * MIB)
    times = {folder: [], busy: []}
    for _ in range(options.rounds):
        for shared, costs in times.items():
            with stage.sources([shared], {"one.bin": 1}):
                costs.append(stage.get("one.bin", stage.landing / "one.bin").seconds)
            stage.clear()
    table.at_least("beside hashing: rate ÷ without (an aim)", 0.9, ratios(times[folder], times[busy]))


CASES = ("one", "many", "disk", "small", "hash", "hashing")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    options = parser.parse_args()
    memory = os.environ.get("TRUEQUE_BENCH_MEMORY", "/dev/shm")
    with Workplace(memory) as place, \
            tempfile.TemporaryDirectory(prefix="trueque-bench-", dir=os.environ.get("TRUEQUE_BENCH_DIR")) as disk:
        landing = place.path / "landing"
        landing.mkdir()
        folders = [place.path / f"source{i}" for i in range(4)]
        for folder in folders:
            folder.mkdir()
        for name, holders in (("one.bin", 1), ("two.bin", 2), ("four.bin", 4)):
            write_sample(folders[0] / name, options.mib * MIB)
            for folder in folders[1:holders]:
                (folder / name).hardlink_to(folders[0] / name)
        stage, table = Stage(place, options.bin.resolve(), landing), Table()
        print(f"{options.mib:,} MiB over loopback, {options.rounds} rounds, {os.cpu_count()} cores")
        if "one" in options.cases:
            bench_one_source(stage, table, options, folders[0])
        if "many" in options.cases:
            bench_many_sources(stage, table, options, folders)
        if "disk" in options.cases:
            bench_disk(stage, table, options, folders[0], pathlib.Path(disk))
        if "small" in options.cases:
            bench_small_files(stage, table, options, place.path / "many")
        if "hash" in options.cases:
            bench_hash(stage, table, options, folders[0])
        if "hashing" in options.cases:
            bench_beside_hashing(stage, table, options, folders[0], place.path / "busy")
        print(f"\n{table}")


main()
