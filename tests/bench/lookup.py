"""200,000 indexed files: start-up, and one lookup against nginx returning a
constant of the same size, over one kept-alive connection each, in turn."""
import argparse
import http.client
import json
import pathlib
import random
import statistics
import time

from harness import PEER_IP, Workplace, free_port, post, spread, wait_until

FILES, PEERS, ROUNDS, PER_ROUND = 200_000, 100, 9, 2_000


def write_state(path):
    content = "%064x"
    per_peer = FILES // PEERS
    peers = [{"username": f"user{p}", "peer_ip": f"10.0.{p // 250}.{p % 250 + 1}", "peer_port": 50051,
              "files": [{"name": f"folder {p}/document number {i:06d}.pdf", "size": i + 1,
                         "content_id": content % (p * per_peer + i + 1)} for i in range(per_peer)]}
             for p in range(PEERS)]
    path.write_text(json.dumps({"version": 1, "peers": peers}))


class Asker:
    """One kept-alive connection."""

    def __init__(self, port, path, headers):
        self.connection = http.client.HTTPConnection(PEER_IP, port, timeout=30)
        self.path, self.headers = path, headers

    def ask(self, body):
        start = time.perf_counter()
        self.connection.request("POST", self.path, body, self.headers)
        response = self.connection.getresponse()
        payload = response.read()
        elapsed = time.perf_counter() - start
        assert response.status == 200, payload
        return elapsed, payload


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    programs = parser.parse_args().bin.resolve()
    with Workplace() as place:
        write_state(place.path / "logged_peers.json")
        port, nginx_port = free_port(), free_port()
        begin = time.perf_counter()
        place.start(programs / "main-server", "--host", PEER_IP, "--port", str(port), "--log-level", "warning",
                    port=port)
        started = time.perf_counter() - begin
        status, login = post(port, "/login", {"username": "bench", "password": "bench", "peer_ip": "10.9.9.9"})
        assert status == 200, login
        headers = {"Authorization": f"Bearer {login['token']}", "Content-Type": "application/json"}
        rng = random.Random(7)

        def question():
            p, i = rng.randrange(PEERS), rng.randrange(FILES // PEERS)
            return json.dumps({"file_name": f"folder {p}/document number {i:06d}.pdf"})

        ours = Asker(port, "/getFiles", headers)
        constant = ours.ask(question())[1].decode()
        place.start_nginx(nginx_port, "location / { return 200 '%s'; }" % constant.replace("'", ""))
        theirs = Asker(nginx_port, "/", headers)
        our_times, ratios = [], []
        for _ in range(ROUNDS):
            mine = [ours.ask(question())[0] for _ in range(PER_ROUND)]
            other = [theirs.ask(question())[0] for _ in range(PER_ROUND)]
            our_times += mine
            ratios.append(statistics.median(mine) / statistics.median(other))
        our_times.sort()
        print(f"lookup among {FILES:,} files, one connection, {ROUNDS} rounds of {PER_ROUND:,} in turn")
        print(f"  start-up with {FILES:,} entries   {started:.2f} s")
        print(f"  median of one lookup          {statistics.median(our_times) * 1000:.3f} ms "
              f"(99th percentile {our_times[len(our_times) * 99 // 100] * 1000:.3f} ms, client included)")
        print(f"  time ÷ nginx with a constant  {spread(ratios)}")


main()
