"""What a directory does with its disk: starting with many entries, and taking many in, each
request on disk before it is answered, beside Redis and SQLite."""
import concurrent.futures
import hashlib
import http.client
import json
import socket
import sqlite3
import statistics
import time

from directory_stage import write_state
from harness import PEER_IP, Workplace, free_port, post
from table import ratios

CLIENTS = 16
NAMES_A_REQUEST = 1_000


def started(place, programs, folder):
    """Seconds from the start of the process until it answers, and the process."""
    port = free_port()
    begin = time.perf_counter()
    process = place.start(programs / "main-server", "--host", PEER_IP, "--port", port, "--path",
                          folder / "logged_peers.json", "--log-level", "warning", port=port)
    return time.perf_counter() - begin, process, port


def measure_restart(programs, table, options):
    after_stop, after_kill = [], []
    for _ in range(options.rounds):
        with Workplace() as place:
            write_state(place.path / "logged_peers.json", options.entries)
            seconds, process, port = started(place, programs, place.path)
            after_stop.append(seconds)
            # As much in the journal as it holds before it is cut: half as many again.
            fill(port, options.entries // 2)
            process.kill()
            process.wait()
            after_kill.append(started(place, programs, place.path)[0])
    table.at_most(f"restart with {options.entries:,} entries: seconds", 2, after_stop)
    table.at_most("the same after kill -9, half as many again in the journal: seconds", 2, after_kill)


def fill(port, entries):
    client = Client(port, 900_000)
    for number in range(entries // NAMES_A_REQUEST):
        client.index(files_of(900_000, number))


def files_of(client, number):
    """The entries of one request: names of 40 bytes, sizes, content ids."""
    names = (f"folder {client:06d}/document {number:06d} {i:04d}.pdf"[-40:] for i in range(NAMES_A_REQUEST))
    return [{"name": name, "size": i + 1, "content_id": hashlib.sha256(name.encode()).hexdigest()}
            for i, name in enumerate(names)]


class Client:
    """One peer over one kept-alive connection."""

    def __init__(self, port, number):
        peer = {"peer_ip": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", "peer_port": 50051}
        status, login = post(port, "/login", {"username": f"client{number}", "password": "bench", **peer})
        assert status == 200, login
        self.peer = peer
        self.headers = {"Authorization": f"Bearer {login['token']}", "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection(PEER_IP, port, timeout=60)

    def body(self, files):
        return json.dumps({**self.peer, "peer_files": files}).encode()

    def send(self, body):
        self.connection.request("POST", "/indexFiles", body, self.headers)
        answer = self.connection.getresponse()
        payload = answer.read()
        assert answer.status == 200, payload

    def index(self, files):
        self.send(self.body(files))


def rate(send_all, entries):
    """Entries a second of CLIENTS senders at once."""
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        begin = time.perf_counter()
        for each in [pool.submit(send) for send in send_all]:
            each.result()
        return entries / (time.perf_counter() - begin)


class Redis:
    """One hash a peer, name to the rest; each command synced before it is answered."""

    def __init__(self, place):
        self.port = free_port()
        place.start("redis-server", "--port", self.port, "--bind", PEER_IP, "--dir", place.path, "--save", "",
                    "--appendonly", "yes", "--appendfsync", "always", port=self.port)

    def command(self, client, files):
        words = [b"HSET", b"peer%d" % client]
        for each in files:
            words += [each["name"].encode(), f"{each['size']} {each['content_id']}".encode()]
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

    def send(self, commands):
        with socket.create_connection((PEER_IP, self.port)) as connection:
            for command in commands:
                connection.sendall(command)
                answer = connection.recv(100)
                assert answer.startswith(b":"), answer


def sqlite_rate(folder, requests, entries):
    """One process, one transaction a request: SQLite has one writer at a time."""
    database = sqlite3.connect(folder / "files.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE files (peer INTEGER, name TEXT, size INTEGER, content BLOB, "
                     "PRIMARY KEY (peer, name)) WITHOUT ROWID")
    rows = [[(client, each["name"], each["size"], bytes.fromhex(each["content_id"])) for each in files]
            for client, files in requests]
    begin = time.perf_counter()
    for each in rows:
        database.execute("BEGIN")
        database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", each)
        database.execute("COMMIT")
    seconds = time.perf_counter() - begin
    database.close()
    return entries / seconds


def our_rate(place, programs, work, entries, names_only=False):
    folder = place.path / f"ours{names_only}"
    folder.mkdir()
    _, process, port = started(place, programs, folder)
    senders = []
    for number, requests in enumerate(work):
        client = Client(port, number)
        bodies = [client.body([each["name"] for each in files] if names_only else files) for files in requests]
        senders.append(lambda client=client, bodies=bodies: [client.send(body) for body in bodies])
    result = rate(senders, entries)
    process.terminate()
    process.wait()
    return result


def measure_index(programs, table, options):
    each = max(1, options.entries // CLIENTS // NAMES_A_REQUEST)
    entries = CLIENTS * each * NAMES_A_REQUEST
    work = [[files_of(client, number) for number in range(each)] for client in range(CLIENTS)]
    rates = {"ours": [], "names": [], "redis": [], "sqlite": []}
    for _ in range(options.rounds):
        with Workplace() as place:
            rates["ours"].append(our_rate(place, programs, work, entries))
            rates["names"].append(our_rate(place, programs, work, entries, names_only=True))
            redis = Redis(place)
            commands = [[redis.command(i, files) for files in requests] for i, requests in enumerate(work)]
            rates["redis"].append(rate([lambda c=c: redis.send(c) for c in commands], entries))
            requests = [(client, work[client][number]) for number in range(each) for client in range(CLIENTS)]
            rates["sqlite"].append(sqlite_rate(place.path, requests, entries))
    shown = ", ".join(f"{name} {statistics.median(values):,.0f}" for name, values in rates.items())
    print(f"  entries a second, {CLIENTS} clients, {NAMES_A_REQUEST:,} a request: {shown}")
    table.at_least("indexing, names alone, durable: entries a second", 300_000, rates["names"])
    table.at_least("the same with sizes and content ids", 300_000, rates["ours"])
    table.at_least("the latter: rate ÷ Redis, appendfsync always", 1, ratios(rates["ours"], rates["redis"]))
    table.at_least("the latter: rate ÷ SQLite, WAL, synchronous=FULL", 0.8, ratios(rates["ours"], rates["sqlite"]))
