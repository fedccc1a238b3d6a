"""Stands before a peer-server and counts the bytes that come out of it."""
import socket
import threading

from pieces_root import pieces_root

from .waiting import wait_until


class CountingProxy:
    def __init__(self, target_port: int):
        self.bytes_out = 0
        self._lock = threading.Lock()
        self._target = target_port
        self._listener = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(('127.0.0.1', self._target))
            except OSError:
                caller.close()
                continue
            for ends in ((caller, server, False), (server, caller, True)):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source, sink, counted):
        try:
            while data := source.recv(65536):
                if counted:
                    with self._lock:
                        self.bytes_out += len(data)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        source.close()

    def close(self):
        self._listener.close()


def counted_source(world, directory, data, names) -> CountingProxy:
    """A peer that has the data, listed under each of the names, and all it sends counted."""
    peer = world.peer('ana', {'a.bin': data})
    proxy = CountingProxy(peer.port)
    world.on_close(proxy.close)
    wait_until(lambda: 'folder_ready' in peer.process.output(), 'the peer has hashed it', 60)
    login = directory.rest.login('ana', 'x', '127.0.0.1', peer_port=proxy.port)
    directory.rest.index(login, [{'name': name, 'size': len(data), 'content_id': pieces_root(data)}
                                 for name in names])
    return proxy
