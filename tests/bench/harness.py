"""What the benchmarks share: starting programs, waiting for them, medians."""
import contextlib
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
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


class Workplace:
    """A folder and the processes started in it; both go at the end."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="trueque-bench-", dir=os.environ.get("TRUEQUE_BENCH_DIR")))
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)
        shutil.rmtree(self.path, ignore_errors=True)

    def start(self, *command, port):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TRUEQUE_")}
        environment.update(XDG_CACHE_HOME=str(self.path / "cache"), XDG_STATE_HOME=str(self.path / "state"))
        log = open(self.path / f"{pathlib.Path(command[0]).name}-{port}.log", "wb")
        process = subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, cwd=self.path, env=environment)
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
