"""A peer over gRPC that lies in one way, a name in the tables of lies.py, or in none."""
import concurrent.futures
import hashlib
import threading

import grpc

from pieces_root import BLOCK, pieces_root

from . import lies
from .wire import file_grpc, file_pb, peer_grpc, peer_pb

MIB = 1024 * 1024


def node(piece: bytes) -> bytes:
    """The tree's node over one piece of several: a last, short one is padded to the
    height of the others."""
    layer = [hashlib.sha256(piece[i:i + BLOCK]).digest() for i in range(0, len(piece), BLOCK)]
    layer += [bytes(32)] * (MIB // BLOCK - len(layer))
    while len(layer) > 1:
        layer = [hashlib.sha256(layer[i] + layer[i + 1]).digest() for i in range(0, len(layer), 2)]
    return layer[0]


def hashes_of(data: bytes) -> bytes:
    if len(data) <= MIB:
        return bytes.fromhex(pieces_root(data)) if data else b''
    return b''.join(node(data[i:i + MIB]) for i in range(0, len(data), MIB))


class Announced:
    """Claims `data` as its file; whatever has a `port` can be announced."""

    def __init__(self, data: bytes):
        self.data, self.content_id = data, pieces_root(data)

    def announce(self, directory, name, username='liar', size=None) -> dict:
        """Logs in and indexes the file, as any peer would."""
        self.label = f'{username} (127.0.0.1:{self.port})'  # as a client names it
        login = directory.rest.login(username, 'x', '127.0.0.1', peer_port=self.port)
        directory.rest.index(login, [{'name': name, 'content_id': self.content_id,
                                      'size': len(self.data) if size is None else size}])
        return login


class Liar(Announced, file_grpc.FileTransferServicer, peer_grpc.PeerServiceServicer):
    """`lie` is a name in lies.py, 'silent' and 'busy' in Stat too, 'name' for a bad name, or
    'none' for an honest peer. A gated one gives nothing until open() is called."""

    def __init__(self, data: bytes, lie: str, gated=False):
        super().__init__(data)
        assert lie in {'silent', 'busy', 'name', *lies.STAT, *lies.FETCH}, lie
        self.lie, self.asked = lie, 0
        self.closing, self._gate = threading.Event(), threading.Event()
        if not gated:
            self.open()
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(16),
                                   options=[('grpc.so_reuseport', 0),
                                            ('grpc.max_send_message_length', -1)])
        file_grpc.add_FileTransferServicer_to_server(self, self._server)
        peer_grpc.add_PeerServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port('127.0.0.1:0')
        self._server.start()

    def open(self):
        self._gate.set()

    def close(self):
        self.open()
        self.closing.set()
        self._server.stop(None).wait()

    def _obstruct(self, context):
        self.asked += 1
        self._gate.wait(120)
        if self.lie == 'busy':
            context.set_trailing_metadata((('retry-after-ms', '200'),))
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, 'all slots are taken')
        if self.lie == 'silent':
            self.closing.wait(120)

    def Stat(self, request, context):  # noqa: N802
        self._obstruct(context)
        info = file_pb.FileInfo(file_name='../../evil.bin' if self.lie == 'name' else 'a.bin',
                                size=len(self.data), content_id=bytes.fromhex(self.content_id),
                                piece_size=MIB, piece_hashes=hashes_of(self.data))
        if self.lie in lies.STAT:
            lies.STAT[self.lie](info)
        return info

    def Fetch(self, request, context):  # noqa: N802
        self._obstruct(context)
        yield from lies.chunks(self.lie, self, request, context)

    def DownloadFile(self, request, context):  # noqa: N802
        return peer_pb.DownloadResponse(message=f'File {request.file_name} downloaded properly!')
