"""Searches among names that are all different, against SQLite's FTS5 (trigram) over the
same names, in turn. The index by itself, in its own process, is what is compared with
SQLite, which runs in this one; the server over kept-alive connections stands beside it.
FTS5 gives its hits in the order it finds them, where the directory puts the best first."""
import json
import pathlib
import random
import re
import sqlite3
import statistics
import subprocess
import time
import urllib.parse

from directory_stage import PEERS, wrk
from harness import PEER_IP, Workplace, free_port, post
from table import ratios

HERE = pathlib.Path(__file__).parent
EACH_KIND = 40


def words_of(name):
    return [word for word in re.split(r"[^a-z]+", name.lower()) if len(word) >= 3]


def kinds_of_queries(names):
    rng = random.Random(11)
    some = [rng.choice(names) for _ in range(20_000)]
    count = {}
    for name in some:
        for word in words_of(name):
            count[word] = count.get(word, 0) + 1
    by_count = sorted(count, key=count.get)

    def piece():
        name = rng.choice(some).lower()
        begin = rng.randrange(len(name) - 8)
        return re.sub(r"\W", "a", name[begin:begin + rng.randint(4, 7)])

    def pick(make):
        return [make() for _ in range(EACH_KIND)]

    return {
        "frequent word": (by_count[-10:] * EACH_KIND)[:EACH_KIND],
        "rare word": pick(lambda: rng.choice(by_count[:2000])),
        "two words of a name": pick(lambda: " ".join(rng.sample(words_of(rng.choice(some)), 2))),
        "three words of a name": pick(lambda: " ".join(rng.sample(words_of(rng.choice(some)), 3))),
        "two frequent words": pick(lambda: " ".join(rng.sample(by_count[-10:], 2))),
        "word and number": pick(lambda: f"{by_count[-1 - rng.randrange(10)]} {rng.randrange(100, 100_000)}"),
        "piece of a name": pick(piece),
        "nowhere": pick(lambda: "".join(rng.choice("bcdfghjklmnpqrstvwxz") for _ in range(6))),
    }


class Sqlite:
    def __init__(self, names):
        self.database = sqlite3.connect(":memory:")
        self.database.execute("create virtual table files using fts5(name, tokenize='trigram')")
        self.database.executemany("insert into files values (?)", ((name,) for name in names))
        self.database.execute("insert into files(files) values ('optimize')")

    def rate(self, queries):
        ask = "select name from files where files match ? limit 50"
        wanted = [(" ".join(f'"{word}"' for word in query.split()),) for query in queries]
        begin = time.process_time()
        for one in wanted:
            self.database.execute(ask, one).fetchall()
        return len(queries) / (time.process_time() - begin)


class Index:
    """file_index_bench, which is given files of queries."""

    def __init__(self, programs, names_file):
        self.process = subprocess.Popen([programs / "file_index_bench", "search", names_file],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self, queries_file):
        self.process.stdin.write(f"{queries_file}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


def write_state(path, names):
    peers = [{"username": f"user{p:03d}", "peer_ip": f"10.0.{p // 250}.{p % 250 + 1}", "peer_port": 50051,
              "files": [{"name": name, "size": i + 1, "content_id": f"{p * len(names) + i + 1:064x}"}
                        for i, name in enumerate(names[p::PEERS])]} for p in range(PEERS)]
    path.write_text(json.dumps({"version": 1, "peers": peers}))


def start_server(place, programs, names):
    port, state = free_port(), place.path / "logged_peers.json"
    write_state(state, names)
    process = place.start(programs / "main-server", "--host", PEER_IP, "--port", port, "--path", state,
                          "--log-level", "warning", port=port)
    status, login = post(port, "/login", {"username": "bench", "password": "bench", "peer_ip": "10.9.9.9"})
    assert status == 200, login
    return port, process, login["token"]


def measure(programs, table, options):
    with Workplace() as place:
        text = subprocess.run([programs / "file_index_bench", "names", str(options.entries)],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        names = text.splitlines()
        kinds = kinds_of_queries(names)
        short = ["a", "e", "q", "7", "re", "zu", "qx", "pd", "-1", "9"]
        queries = [query for each in kinds.values() for query in each]
        names_file, queries_file = place.path / "names.txt", place.path / "queries.txt"
        short_file, encoded = place.path / "short.txt", place.path / "encoded.txt"
        names_file.write_text(text)
        queries_file.write_text("\n".join(queries))
        short_file.write_text("\n".join(short))
        encoded.write_text("\n".join(urllib.parse.quote(query) for query in queries))
        sqlite, index = Sqlite(names), Index(programs, names_file)
        rounds = [(index.round(queries_file), sqlite.rate(queries)) for _ in range(options.rounds)]
        worst_short = [index.round(short_file)["p99_ms"] for _ in range(options.rounds)]
        of_kinds(index, sqlite, place, kinds)
        index.close()
        port, server, token = start_server(place, programs, names)
        served = [wrk(port, "/search", options.seconds, 16, server, HERE / "search.lua", token, encoded)
                  for _ in range(options.rounds)]
    report(table, rounds, worst_short, served)


def of_kinds(index, sqlite, place, kinds):
    """For reading alone: what kind of query takes how long."""
    for kind, queries in kinds.items():
        file = place.path / "kind.txt"
        file.write_text("\n".join(queries))
        seen = index.round(file)
        print(f"  {kind}: {seen['per_second']:.0f}/s, p99 {seen['p99_ms']:.2f} ms; FTS5 {sqlite.rate(queries):.0f}/s",
              flush=True)


def report(table, rounds, worst_short, served):
    ours, theirs = [each[0]["per_second"] for each in rounds], [each[1] for each in rounds]
    table.at_least("search, in-process: queries a CPU second ÷ SQLite FTS5 (trigram)", 2, ratios(ours, theirs))
    table.at_most("search: 99th percentile, ms of CPU", 10, [each[0]["p99_ms"] for each in rounds])
    table.at_most("search for one or two letters: 99th percentile, ms of CPU", 10, worst_short)
    print(f"  queries a CPU second: ours {statistics.median(ours):.0f}, FTS5 {statistics.median(theirs):.0f}; "
          f"served over 16 kept-alive connections {statistics.median(each.rate for each in served):.0f}/s, "
          f"{statistics.median(each.cpu for each in served):.0f} µs of CPU each", flush=True)
