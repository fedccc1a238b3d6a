"""A directory that knows many files, and wrk to ask it."""
import json
import pathlib
import re
import subprocess

from harness import PEER_IP, cpu_seconds, free_port, post

PEERS = 1_000
LOOKUP = pathlib.Path(__file__).with_name("lookup.lua")


def name_of(peer, number):
    return f"folder {peer:04d}/document number {number:06d}.pdf"


def write_state(path, entries):
    """`entries` names of 40 bytes over up to 1,000 peers; how many peers, and files each."""
    peers = min(PEERS, entries)
    each = entries // peers
    with path.open("w") as out:
        out.write('{"version":1,"peers":[')
        for p in range(peers):
            files = [{"name": name_of(p, i), "size": i + 1, "content_id": f"{p * each + i + 1:064x}"}
                     for i in range(each)]
            out.write("," if p else "")
            json.dump({"username": f"user{p:03d}", "peer_ip": f"10.0.{p // 250}.{p % 250 + 1}", "peer_port": 50051,
                       "files": files}, out)
        out.write("]}")
    return peers, each


class Directory:
    """A main-server with `entries` files, and a token for it."""

    def __init__(self, place, programs, entries, *settings):
        self.port = free_port()
        self.folder = place.path / f"state{entries}-{self.port}"
        self.folder.mkdir()
        self.peers, self.each = write_state(self.folder / "logged_peers.json", entries)
        self.process = place.start(programs / "main-server", "--host", PEER_IP, "--port", self.port, "--path",
                                   self.folder / "logged_peers.json", "--log-level", "warning", *settings, port=self.port)
        status, login = post(self.port, "/login", {"username": "bench", "password": "bench", "peer_ip": "10.9.9.9"})
        assert status == 200, login
        self.token = login["token"]

    def constant(self):
        """An answer of the usual size."""
        return json.dumps(post(self.port, "/getFiles", {"file_name": name_of(0, 0)}, self.token)[1],
                          separators=(",", ":"))

    def load(self, seconds, connections=64, port=None, process=None):
        """Look-ups as fast as they are answered; of another server when its port is given."""
        return wrk(port or self.port, "/getFiles", seconds, connections, process or self.process,
                   LOOKUP, self.token, self.peers, self.each)


class Load:
    """What one run of wrk saw: requests a second, and the server's CPU microseconds each."""

    def __init__(self, text, cpu):
        self.text = text
        self.requests = int(re.search(r"(\d+) requests in", text).group(1))
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        self.cpu = cpu / max(1, self.requests) * 1e6
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        self.refused = int(refused.group(1)) if refused else 0


def wrk(port, path, seconds, connections, process, script, *arguments):
    before = cpu_seconds(process.pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, f"http://{PEER_IP}:{port}{path}",
               "--", *arguments]
    text = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True, check=True).stdout
    return Load(text, cpu_seconds(process.pid) - before)
