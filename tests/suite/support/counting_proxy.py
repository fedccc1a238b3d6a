"""Stands before a peer-server and counts the bytes that come out of it."""
import socket
import threading


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
