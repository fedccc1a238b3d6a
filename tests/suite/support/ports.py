"""Free ports of the loopback, below the range the system hands out by itself."""
import random
import socket

_random = random.SystemRandom()
_given = set()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('0.0.0.0', port))
        except OSError:
            return False
    return True


def free_port() -> int:
    while True:
        port = _random.randrange(20000, 32000)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
