"""The original course project's programs on the other end, as recorded in
tests/data/original: its requests, its client, its servers."""
import json
import re
import socket

import grpc
import pytest
import requests

from support.original import OriginalDirectory, OriginalPeer
from support.process import TREE
from support.terminal import MENU
from support.wire import peer_grpc, peer_pb

RECORDED = (TREE / 'tests' / 'data' / 'original' / 'original-wire.txt').read_text()


def recorded_exchanges():
    """(request as bytes, parsed body of the answer) for each exchange of the recording."""
    for exchange in re.split(r'\n\n(?=> )', RECORDED.strip()):
        sent = [line[2:] for line in exchange.split('\n') if line.startswith('>')]
        got = exchange.split('< \n', 1)[1].replace('< ', '')
        yield '\r\n'.join(sent).encode(), json.loads(got)


EXCHANGES = list(recorded_exchanges())


def send_raw(port, request: bytes):
    with socket.create_connection(('127.0.0.1', port), timeout=20) as connection:
        connection.sendall(request)
        reader = connection.makefile('rb')
        status = int(reader.readline().split()[1])
        headers = {}
        while (line := reader.readline().strip()):
            name, _, value = line.decode().partition(':')
            headers[name.lower()] = value.strip()
        return status, headers, json.loads(reader.read(int(headers['content-length'])))


def test_the_recording_was_read():
    paths = [request.split()[1].decode() for request, _ in EXCHANGES]
    assert paths == ['/login', '/indexFiles', '/getFiles', '/indexFiles', '/logout']


def test_the_recorded_requests_are_answered(world):
    directory = world.directory(auth={'mode': 'open'})
    for request, expected in EXCHANGES:
        status, headers, answer = send_raw(directory.port, request)
        assert status == 200
        assert headers['content-type'].startswith('application/json')
        expected = dict(expected[0]) if isinstance(expected, list) else dict(expected)
        expected.pop('password', None)  # the one thing the original should not have said
        answer = answer[0] if isinstance(answer, list) else answer
        assert expected.items() <= answer.items()
        assert 'password' not in answer


class OriginalClient:
    """What the original's client does, in its order and with its libraries."""

    def __init__(self, directory_port, peer_port):
        self.url = f'http://127.0.0.1:{directory_port}'
        self.channel = grpc.insecure_channel(f'127.0.0.1:{peer_port}',
                                             options=[('grpc.enable_http_proxy', 0)])

    def post(self, path, body):
        return requests.post(self.url + path, json=body, timeout=20).json()

    def login(self, username, password, peer_ip):
        return self.post('/login', {'username': username, 'password': password,
                                    'peer_ip': peer_ip})

    def get(self, name, peer_ip):
        rows = self.post('/getFiles', {'file_name': name})
        stub = peer_grpc.PeerServiceStub(self.channel)
        request = peer_pb.FileRequest(peer_name=rows[0]['peer_ip'], file_name=name)
        message = stub.DownloadFile(request, timeout=20).message
        self.post('/indexFiles', {'peer_ip': peer_ip, 'peer_files': [name]})
        return message


def test_the_originals_client_against_our_servers(world):
    directory = world.directory(auth={'mode': 'open'})
    bare = world.peer('bare', start=False)
    del bare.sections['peer_server']['shared_dir']
    bare.start()
    client = OriginalClient(directory.port, bare.port)
    assert client.login('ana', 'secreto', '10.0.0.1')['username'] == 'ana'
    assert client.login('luis', 'clave', '10.0.0.2')['peer_ip'] == '10.0.0.2'
    assert client.post('/indexFiles', {'peer_ip': '10.0.0.1', 'peer_files': ['a.txt']})[
        'message'] == 'Files indexed successfully.'
    assert client.get('a.txt', '10.0.0.2') == 'File a.txt downloaded properly!'
    rows = client.post('/getFiles', {'file_name': 'a.txt'})
    assert [row['peer_name'] for row in rows] == ['ana', 'luis']
    assert client.post('/getFiles', {'file_name': 'none'})['error'] == 'File not found.'
    assert client.post('/indexFiles', {'peer_ip': '10.7.7.7', 'peer_files': ['x']})[
        'error'] == 'Peer IP not found.'
    for address in ('10.0.0.1', '10.0.0.2', '10.0.0.2'):
        assert client.post('/logout', {'peer_ip': address}) == {
            'message': f'Logged out peer with IP {address}'}
    client.channel.close()


def test_the_originals_client_against_a_peer_with_a_folder(world):
    server = world.peer('ana', {'a.txt': b'a'})
    with grpc.insecure_channel(f'127.0.0.1:{server.port}',
                               options=[('grpc.enable_http_proxy', 0)]) as channel:
        stub = peer_grpc.PeerServiceStub(channel)
        told = stub.DownloadFile(peer_pb.FileRequest(file_name='a.txt'), timeout=20,
                                 wait_for_ready=True)
        assert told.message == 'File a.txt downloaded properly!'
        with pytest.raises(grpc.RpcError) as failure:
            stub.DownloadFile(peer_pb.FileRequest(file_name='none'), timeout=20)
        assert failure.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.fixture
def original(world):
    class Original:
        directory = OriginalDirectory()
        peer = OriginalPeer()
    world.on_close(Original.directory.close)
    world.on_close(Original.peer.close)
    return Original


def paths(original):
    """The routes the original has that were asked, in order, with their bodies."""
    return [(path, body) for method, path, _, body in original.directory.requests
            if body is not None]


def test_our_menu_against_the_originals_servers(world, original):
    client = world.client(original.directory.port, peer_server_port=original.peer.port)
    client.config.write_text(client.config.read_text().replace('shared_dir', '; shared_dir'))
    menu = client.menu()
    for keys in (['4'], ['1', 'ana', 'secreto', '10.0.0.1'], ['1'], ['3', 'a.txt, b.txt'],
                 ['4', 'a.txt'], ['2'], ['2'], ['9'], ['5']):
        menu.expect_text(MENU)
        for key in keys[:1]:
            menu.send(key)
        for prompt, key in zip(('Enter username: ', 'Enter password: ', 'Enter peer IP: ')
                               if keys[0] == '1' else ('Enter ',), keys[1:]):
            menu.expect(re.escape(prompt) + (r'[^\n]*: ' if prompt == 'Enter ' else ''))
            menu.send(key)
    assert menu.wait_for_end() == 0
    said = menu.transcript
    for text in ('Login required first!', 'Already logged in!', 'Files indexed successfully.',
                 'File a.txt downloaded properly!', 'Logged out peer with IP 10.0.0.1',
                 'Invalid choice. Please try again.'):
        assert text in said, (text, said)
    asked = paths(original)
    assert [path for path, _ in asked] == ['/login', '/indexFiles', '/getFiles', '/indexFiles',
                                           '/logout']
    recorded = [json.loads(request.split(b'\r\n\r\n', 1)[1]) for request, _ in EXCHANGES]
    for (_, body), expected in zip(asked, recorded):
        assert expected.items() <= body.items(), 'what the original sent is sent'
    assert original.peer.asked == [('ana', 'a.txt')]


def test_our_subcommands_against_the_originals_servers(world, original):
    original.directory.peers['10.0.0.7'] = ['luis', ['a.txt']]
    client = world.client(original.directory.port, peer_server_port=original.peer.port)
    (client.shared / 'mine.txt').write_bytes(b'mine')
    client.login('ana', '10.0.0.1')
    status = client.run('status')
    assert status.code == 0, status
    assert client.run('index').code == 0
    assert original.directory.peers['10.0.0.1'] == ['ana', ['mine.txt']], 'plain names'
    got = client.run('get', 'a.txt')
    assert got.code == 0, got
    assert got.json['files'][0]['result'] == 'placeholder'
    assert original.peer.asked == [('luis', 'a.txt')]
    none = client.run('get', 'none')
    assert (none.code, none.json['error']) == (3, 'nobody shares none; check the exact name')
    for command in (['search', 'a'], ['peers']):
        done = client.run(*command)
        assert done.code == 1, done
        assert done.json['code'] == 'unimplemented'
        assert "it is the original's" in done.json['error']
    assert client.run('logout').code == 0


def test_an_original_peer_in_our_directory(world, original):
    directory = world.directory()
    login = directory.rest.login('old', 'x', '127.0.0.1', peer_port=original.peer.port)
    directory.rest.index(login, [{'name': 'a.txt', 'size': 5, 'content_id': 'ab' * 32}])
    client = world.client(directory)
    client.login()
    done = client.run('get', 'a.txt')
    assert done.code == 0, done
    assert 'File a.txt downloaded properly!' in done.err
    assert original.peer.asked == [('old', 'a.txt')]
    assert not (client.shared / 'a.txt').exists()
