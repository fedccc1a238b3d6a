"""One file between two peers, verified, against curl from nginx to the same
disk, in turn; and the resident memory of both sides."""
import argparse
import os
import pathlib
import subprocess
import time

from harness import PEER_IP, Workplace, free_port, peak_resident_kib, post, spread, wait_until

MIB = 1024 * 1024


def write_sample(path, size):
    """Incompressible and quick to make, by another process: what this one held in
    memory would count as its children's peak."""
    make = f"head -c {size} /dev/zero | openssl enc -aes-128-ctr -nosalt -K {os.urandom(16).hex()} -iv {'0' * 32}"
    with open(path, "wb") as out:
        subprocess.run(["sh", "-c", make], stdout=out, check=True)


def timed(command, environment=None):
    """Seconds and peak resident KiB of one command."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env=environment)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.perf_counter() - begin
    assert process.returncode == 0, (command, process.returncode, errors.decode())
    return elapsed, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--mib", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    programs, size = options.bin.resolve(), options.mib * MIB
    with Workplace() as place:
        shared, landing = place.path / "ana", place.path / "luis"
        shared.mkdir()
        landing.mkdir()
        write_sample(shared / "big.bin", size)
        (place.path / "password").write_text("bench\n")
        port, peer_port, nginx_port = free_port(), free_port(), free_port()
        place.start(programs / "main-server", "--host", PEER_IP, "--port", str(port), "--log-level", "warning",
                    port=port)
        server = place.start(programs / "peer-server", "--host", PEER_IP, "--port", str(peer_port), "--shared-dir",
                             shared, "--directory-url", f"http://{PEER_IP}:{port}", "--directory-username", "ana",
                             "--directory-password-file", place.path / "password", "--directory-advertise-ip",
                             PEER_IP, port=peer_port)
        place.start_nginx(nginx_port, f"location / {{ root {shared}; }}")
        status, login = post(port, "/login", {"username": "probe", "password": "bench", "peer_ip": "10.9.9.9"})
        assert status == 200, login
        wait_until(lambda: post(port, "/getFiles", {"file_name": "big.bin"}, login["token"])[0] == 200,
                   "the sample to be hashed and announced", 300)

        environment = {k: v for k, v in os.environ.items() if not k.startswith("TRUEQUE_")}
        environment.update(XDG_STATE_HOME=str(place.path / "state"), TRUEQUE_PASSWORD="bench")
        client = [programs / "peer-client", "--server-host", PEER_IP, "--server-port", str(port)]
        timed(client + ["login", "--username", "luis", "--peer-ip", PEER_IP, "--peer-port", "1"], environment)
        fetched, downloaded = landing / "fetched.bin", landing / "downloaded.bin"
        curl, synced, ours, memory = [], [], [], []
        for _ in range(options.rounds):
            for target in (fetched, downloaded):
                target.unlink(missing_ok=True)
            os.sync()
            curl.append(timed(["curl", "-fsS", "-o", downloaded, f"http://{PEER_IP}:{nginx_port}/big.bin"])[0])
            synced.append(curl[-1] + timed(["sync", downloaded])[0])
            os.sync()
            seconds, resident = timed(client + ["get", "big.bin", "--output", fetched], environment)
            ours.append(seconds)
            memory.append(resident)
        subprocess.run(["cmp", shared / "big.bin", fetched], check=True)
        print(f"transfer of {options.mib:,} MiB over loopback to the same disk, {options.rounds} rounds in turn")
        for name, seconds in (("curl from nginx", curl), ("curl, then sync", synced), ("peer-client get", ours)):
            print(f"  {name:18} {spread([options.mib / s for s in seconds])} MiB/s")
        print(f"  rate ÷ curl            {spread([c / o for c, o in zip(curl, ours)])}")
        print(f"  rate ÷ curl then sync  {spread([c / o for c, o in zip(synced, ours)])}")
        print(f"  peak resident memory   peer-client {max(memory) / 1024:.0f} MiB, "
              f"peer-server {peak_resident_kib(server.pid) / 1024:.0f} MiB")


main()
