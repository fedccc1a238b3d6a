"""Clients a directory has to bear: crowd.py idle|slow COUNT PORT. Says READY when all are there.
  idle   each has asked once, and keeps its connection
  slow   each sends a request byte by byte, and comes again when it is cut off
"""
import resource
import select
import socket
import sys
import time

ADDRESS = "127.0.0.2"
SLOW_REQUEST = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
BETWEEN_BYTES = 0.2


def connect(port):
    return socket.create_connection(("127.0.0.1", port), source_address=(ADDRESS, 0))


def idle(count, port):
    crowd = []
    for _ in range(count):
        client = connect(port)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        crowd.append(client)
    ready()
    gone = select.poll()
    for client in crowd:
        gone.register(client, select.POLLIN)
    while True:
        for fd, _ in gone.poll():
            raise SystemExit(f"crowd: connection {fd} was ended")


def slow(count, port):
    crowd = [[connect(port), 0] for _ in range(count)]
    ready()
    while True:
        for client in crowd:
            try:
                client[0].send(SLOW_REQUEST[client[1]:client[1] + 1] or b" ")
                client[1] += 1
            except OSError:
                client[0].close()
                client[:] = connect(port), 0
        time.sleep(BETWEEN_BYTES)


def ready():
    print("READY", flush=True)


hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
{"idle": idle, "slow": slow}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
