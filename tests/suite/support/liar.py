"""A peer that lies, each in one way: tables of LIES name what it does wrong."""
import concurrent.futures
import hashlib
import threading

import grpc

from pieces_root import BLOCK, pieces_root

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


class Liar(file_grpc.FileTransferServicer, peer_grpc.PeerServiceServicer):
    """Claims to have `data`. `lie` is one of the names below, or 'none' for an honest peer."""

    FALSE = ('bytes', 'hashes', 'size', 'content', 'short', 'endless', 'more', 'name')
    STUCK = ('silent', 'busy')

    def __init__(self, data: bytes, lie: str):
        self.data, self.lie, self.content_id = data, lie, pieces_root(data)
        self.asked = 0
        self._closing = threading.Event()
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(16),
                                   options=[('grpc.so_reuseport', 0)])
        file_grpc.add_FileTransferServicer_to_server(self, self._server)
        peer_grpc.add_PeerServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port('127.0.0.1:0')
        self._server.start()

    def announce(self, directory, name, username='liar', size=None) -> dict:
        """Logs in and indexes the file, as any peer would."""
        login = directory.rest.login(username, 'x', '127.0.0.1', peer_port=self.port)
        directory.rest.index(login, [{'name': name, 'content_id': self.content_id,
                                      'size': len(self.data) if size is None else size}])
        return login

    def close(self):
        self._closing.set()
        self._server.stop(None).wait()

    def _obstruct(self, context):
        self.asked += 1
        if self.lie == 'busy':
            context.set_trailing_metadata((('retry-after-ms', '200'),))
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, 'all slots are taken')
        if self.lie == 'silent':
            self._closing.wait(120)

    def Stat(self, request, context):  # noqa: N802
        self._obstruct(context)
        hashes, size, content_id = hashes_of(self.data), len(self.data), self.content_id
        if self.lie == 'hashes':
            hashes = hashes_of(bytes(len(self.data)))
        if self.lie == 'size':
            size += MIB
        if self.lie == 'content':
            content_id = pieces_root(b'another')
        name = '../../evil.bin' if self.lie == 'name' else 'a.bin'
        return file_pb.FileInfo(file_name=name, size=size, content_id=bytes.fromhex(content_id),
                                piece_size=MIB, piece_hashes=hashes)

    def Fetch(self, request, context):  # noqa: N802
        self._obstruct(context)
        data = self.data[request.offset:request.offset + request.length]
        if self.lie in ('bytes', 'hashes', 'size', 'content'):
            data = bytes(byte ^ 1 for byte in data[:1]) + data[1:]
        if self.lie == 'short':
            data = data[:-1]
        if self.lie == 'more':
            data += b'more'
        for start in range(0, len(data), MIB):
            yield file_pb.Chunk(data=data[start:start + MIB])
        while self.lie == 'endless' and context.is_active():
            yield file_pb.Chunk(data=bytes(MIB))

    def DownloadFile(self, request, context):  # noqa: N802
        return peer_pb.DownloadResponse(message=f'File {request.file_name} downloaded properly!')
