"""Ports where no peer-server stands: what speaks something else, breaks connections or
never answers; and a way in between that does so to an honest peer."""
import os
import socket
import struct
import threading

from .liar import Announced, Liar

TAKEN = 300 * 1024  # bytes let through before a connection breaks: less than a piece
SLOW = 3  # seconds before a slow way lets anything through


def _break(connection):
    """Closes it with a reset, as a crashed machine or a firewall does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()


def _says(data):
    def way(peer, connection):
        connection.recv(24)  # the preface of HTTP/2
        connection.sendall(data)
        connection.recv(1)
    return way


def _resets(peer, connection):
    connection.recv(1)
    _break(connection)


def _hangs(peer, connection):
    peer.closing.wait(200)


def _pump(source, sink, limit=None):
    """Carries bytes until the end or the limit; whether the limit was reached."""
    carried = 0
    while limit is None or carried < limit:
        data = source.recv(16 * 1024)
        if not data:
            return False
        sink.sendall(data)
        carried += len(data)
    return True


def _through(peer, connection, limit=None):
    with socket.create_connection(('127.0.0.1', peer.behind.port)) as onward:
        there = threading.Thread(target=_quietly, args=(_pump, connection, onward), daemon=True)
        there.start()
        if _pump(onward, connection, limit):
            # No reset goes out while the other thread still reads.
            connection.shutdown(socket.SHUT_RD)
            there.join()
            _break(connection)


def _breaks(peer, connection):
    _through(peer, connection, TAKEN)


def _lets_through_late(peer, connection):
    peer.closing.wait(SLOW)
    _through(peer, connection)


def _quietly(action, *arguments):
    try:
        action(*arguments)
    except OSError:
        pass  # the other side is gone, as it may


SETTINGS = bytes(3) + b'\x04' + bytes(5)
GO_AWAY = b'\x00\x00\x08\x07' + bytes(5) + bytes(4) + b'\x00\x00\x00\x0b'
# Each from the way it treats a connection to the exit code of a `get` from it alone.
QUICK = {
    'a reset at once': (_resets, 5),
    'a reset in the middle': (_breaks, 5),
    'random bytes': (_says(os.urandom(64 * 1024)), 5),
    'an alert of TLS': (_says(b'\x15\x03\x03\x00\x02\x02\x46'), 5),
    'an answer of HTTP/1.1': (_says(
        b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello'), 5),
    'a greeting of SSH': (_says(b'SSH-2.0-OpenSSH_9.2\r\n'), 5),
    'a slow way to an honest peer': (_lets_through_late, 0),
}
STUCK = {
    'accepts and says nothing': (_hangs, 5),
    'speaks HTTP/2 and nothing more': (lambda peer, connection: (
        connection.sendall(SETTINGS), _hangs(peer, connection)), 5),
    'HTTP/2 that goes away': (_says(SETTINGS + GO_AWAY), 5),
    'never accepts': (None, 5),
}


class RawPeer(Announced):
    def __init__(self, data: bytes, way: str):
        super().__init__(data)
        self._way, _ = {**QUICK, **STUCK}[way]
        self._behind = None
        self.closing, self._open = threading.Event(), []
        self._listener = socket.create_server(('127.0.0.1', 0), backlog=16)
        self.port = self._listener.getsockname()[1]
        if self._way:
            threading.Thread(target=_quietly, args=(self._serve,), daemon=True).start()

    @property
    def behind(self) -> Liar:
        """The honest peer that some ways lead to."""
        if self._behind is None:
            self._behind = Liar(self.data, 'none')
        return self._behind

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            self._open.append(connection)
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection):
        _quietly(self._way, self, connection)
        connection.close()

    def close(self):
        self.closing.set()
        # accept() in another thread ends with shutdown(), not with close().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()
        if self._behind is not None:
            self._behind.close()
