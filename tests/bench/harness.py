"""What the benchmarks share: starting programs, waiting for them, medians."""
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

PEER_IP = "127.0.0.1"


def free_port():
    with socket.socket() as probe:
        probe.bind((PEER_IP, 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return
        time.sleep(0.02)
    raise SystemExit(f"bench: gave up waiting for {what}")


def answers(port):
    with socket.create_connection((PEER_IP, port), timeout=1):
        return True


def post(port, path, body, token=None, timeout=60):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(PEER_IP, port, timeout=timeout)
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def peak_resident_kib(pid):
    return status_kib(pid, "VmHWM")


def status_kib(pid, field):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1))


def cpu_seconds(pid):
    """What a process and its living children have used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(int(c)) for c in children)


@dataclasses.dataclass
class Cost:
    """Of one command; `cpu` with what the servers used meanwhile."""
    seconds: float
    cpu: float
    resident_kib: int


def run(command, servers=(), environment=None, stdin=None):
    before = sum(cpu_seconds(s.pid) for s in servers)
    begin = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               stdin=stdin, env=environment)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode != 0:
        raise SystemExit(f"bench: {command} ended with {process.returncode}: {errors.decode()}")
    cpu = usage.ru_utime + usage.ru_stime + sum(cpu_seconds(s.pid) for s in servers) - before
    return Cost(seconds, cpu, usage.ru_maxrss)


def write_sample(path, size):
    """Incompressible and quick to make, by another process: what this one held in
    memory would count as its children's peak."""
    make = f"head -c {size} /dev/zero | openssl enc -aes-128-ctr -nosalt -K {os.urandom(16).hex()} -iv {'0' * 32}"
    with open(path, "wb") as out:
        subprocess.run(["sh", "-c", make], stdout=out, check=True)


class Workplace:
    """A folder and the processes started in it; both go at the end."""

    def __init__(self, folder=None):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="trueque-bench-", dir=folder))
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(120)
        shutil.rmtree(self.path, ignore_errors=True)

    def environment(self, name=""):
        """Without settings of ours from outside; caches and sessions in here, apart for each name."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TRUEQUE_")}
        environment.update(XDG_CACHE_HOME=str(self.path / f"cache{name}"),
                           XDG_STATE_HOME=str(self.path / f"state{name}"))
        return environment

    def start(self, *command, port):
        log = open(self.path / f"{pathlib.Path(command[0]).name}-{port}.log", "wb")
        process = subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, cwd=self.path,
                                   env=self.environment(port))
        self.processes.append(process)
        wait_until(lambda: answers(port), f"{command[0]} on port {port}")
        return process

    def start_nginx(self, port, locations):
        conf = self.path / "nginx.conf"
        # As root its workers would be somebody who cannot read this folder.
        user = "user root;" if os.geteuid() == 0 else ""
        conf.write_text(f"""
            {user} daemon off; worker_processes 1; pid {self.path}/nginx.pid; error_log {self.path}/nginx-error.log;
            events {{ worker_connections 512; }}
            http {{ access_log off; sendfile on; default_type application/octet-stream;
                    client_body_temp_path {self.path}/body; proxy_temp_path {self.path}/proxy;
                    fastcgi_temp_path {self.path}/fcgi; uwsgi_temp_path {self.path}/uwsgi;
                    scgi_temp_path {self.path}/scgi;
                    server {{ listen {PEER_IP}:{port}; {locations} }} }}""")
        return self.start("nginx", "-c", conf, "-p", self.path, port=port)


def spread(values):
    ordered = sorted(values)
    return f"{statistics.median(ordered):.3f} ({ordered[0]:.3f} to {ordered[-1]:.3f})"
