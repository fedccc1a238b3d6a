"""Calls on a peer-server over plain sockets: what no library of gRPC would do."""
import socket
import struct

FETCH = b'/trueque.v1.FileTransfer/Fetch'
DATA, HEADERS, RESET, SETTINGS, PING, WINDOW = 0, 1, 3, 4, 6, 8
LARGEST_WINDOW = 2 ** 31 - 1
CANCEL = struct.pack('>I', 8)


def frame(kind, flags, stream, data=b''):
    return (struct.pack('>I', len(data))[1:] + bytes([kind, flags]) + struct.pack('>I', stream)
            + data)


def _literal(name, value):
    return b'\0' + bytes([len(name)]) + name + bytes([len(value)]) + value


def _headers(path):
    return (b'\x83\x86\x04' + bytes([len(path)]) + path + b'\x01\x01x'
            + _literal(b'content-type', b'application/grpc') + _literal(b'te', b'trailers'))


def _number(value):
    digits = b''
    while value >= 0x80:
        digits += bytes([value & 0x7f | 0x80])
        value >>= 7
    return digits + bytes([value])


class RawCaller:
    """A connection from an address of its own; every window is open as far as it goes."""

    def __init__(self, port, source='127.0.0.2', receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.bind((source, 0))
        self.socket.connect(('127.0.0.1', port))
        self.socket.sendall(
            b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
            + frame(SETTINGS, 0, 0, struct.pack('>HI', 4, LARGEST_WINDOW))
            + frame(WINDOW, 0, 0, struct.pack('>I', LARGEST_WINDOW - 65535)))
        self._next, self._got = 1, b''

    def _call(self, content_id, length):
        """The frames of a Fetch on the next stream, which is given too."""
        stream, self._next = self._next, self._next + 2
        raw = bytes.fromhex(content_id)
        message = b'\x0a' + _number(len(raw)) + raw + b'\x18' + _number(length)
        return stream, (frame(HEADERS, 4, stream, _headers(FETCH))
                        + frame(DATA, 1, stream, b'\0' + struct.pack('>I', len(message)) + message))

    def fetch(self, content_id, length):
        """Begins a Fetch, and gives its stream."""
        stream, frames = self._call(content_id, length)
        self.socket.sendall(frames)
        return stream

    def fetch_and_take_back(self, content_id, length, times) -> int:
        """Begins so many and takes each back at once, as fast as the peer reads; the bytes sent."""
        streams = (self._call(content_id, length) for _ in range(times))
        lot = b''.join(frames + frame(RESET, 0, stream, CANCEL) for stream, frames in streams)
        self.socket.sendall(lot)
        return len(lot)

    def _exactly(self, size):
        while len(self._got) < size:
            more = self.socket.recv(1 << 20)
            if not more:
                raise ConnectionError('closed')
            self._got += more
        taken, self._got = self._got[:size], self._got[size:]
        return taken

    def take(self, stream) -> int:
        """Reads to the end of the stream; the bytes of its messages, headers included."""
        count = 0
        while True:
            head = self._exactly(9)
            kind, flags = head[3], head[4]
            data = self._exactly(int.from_bytes(head[:3], 'big'))
            if kind in (SETTINGS, PING) and not flags & 1:
                self.socket.sendall(frame(kind, 1, 0, data if kind == PING else b''))
            if int.from_bytes(head[5:], 'big') != stream:
                continue
            count += len(data) if kind == DATA else 0
            if kind == RESET or kind == HEADERS and flags & 1:
                return count

    def close(self):
        self.socket.close()
