"""The gRPC stubs, generated from proto/ into a folder of this run."""
import atexit
import importlib
import pathlib
import shutil
import sys
import tempfile

import grpc
import grpc_tools
from grpc_tools import protoc

from .process import TREE

_PROTO = TREE / 'proto'


def _generate() -> str:
    folder = tempfile.mkdtemp(prefix='trueque-stubs-')
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    arguments = ['protoc', f'-I{_PROTO}', f'--python_out={folder}', f'--grpc_python_out={folder}',
                 'peer_service.proto', 'trueque/v1/file_transfer.proto']
    well_known = pathlib.Path(grpc_tools.__file__).parent / '_proto'
    if protoc.main([*arguments[:1], f'-I{well_known}', *arguments[1:]]) != 0:
        raise RuntimeError('protoc failed')
    return folder


sys.path.insert(0, _generate())
peer_pb = importlib.import_module('peer_service_pb2')
peer_grpc = importlib.import_module('peer_service_pb2_grpc')
file_pb = importlib.import_module('trueque.v1.file_transfer_pb2')
file_grpc = importlib.import_module('trueque.v1.file_transfer_pb2_grpc')

MAX_CHUNK = 2 * 1024 * 1024


class Peer:
    """What any program in the field would call on a peer-server."""

    def __init__(self, port, host='127.0.0.1'):
        self.channel = grpc.insecure_channel(
            f'{host}:{port}', options=[('grpc.enable_http_proxy', 0),
                                       ('grpc.use_local_subchannel_pool', 1)])
        self._original = peer_grpc.PeerServiceStub(self.channel)
        self._transfer = file_grpc.FileTransferStub(self.channel)

    def download_file(self, name, peer_name='ana') -> str:
        request = peer_pb.FileRequest(peer_name=peer_name, file_name=name)
        return self._original.DownloadFile(request, timeout=20).message

    def stat(self, content_id=None, name=None):
        key = ({'content_id': bytes.fromhex(content_id)} if content_id is not None
               else {'file_name': name})
        return self._transfer.Stat(file_pb.StatRequest(**key), timeout=20)

    def chunks(self, content_id, offset, length, timeout=60):
        request = file_pb.FetchRequest(content_id=bytes.fromhex(content_id), offset=offset,
                                       length=length)
        return self._transfer.Fetch(request, timeout=timeout)

    def fetch(self, content_id, offset, length) -> bytes:
        return b''.join(chunk.data for chunk in self.chunks(content_id, offset, length))

    def raw(self, method, request=b'') -> bytes:
        return self.channel.unary_unary(method, lambda data: data, lambda data: data)(
            request, timeout=20)

    def raw_stream(self, method, request) -> bytes:
        call = self.channel.stream_stream(method, lambda data: data, lambda data: data)
        return next(call(iter([request]), timeout=20))

    def close(self):
        self.channel.close()


def code_of(call) -> grpc.StatusCode:
    """The status a call ends with; OK when it does not fail."""
    try:
        call()
    except grpc.RpcError as failure:
        return failure.code()
    return grpc.StatusCode.OK
