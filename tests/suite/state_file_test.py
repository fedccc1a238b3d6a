"""The state file: the original's is upgraded, a damaged one kept, one server at a time."""
import json
import shutil

import pytest

from support.process import TREE

ORIGINAL = TREE / 'tests' / 'data' / 'original' / 'logged_peers.json'


def test_the_originals_file_is_read_and_upgraded(world):
    directory = world.directory(start=False, auth={'mode': 'open'})
    shutil.copy(ORIGINAL, directory.state_file)
    directory.start()
    peers = directory.rest.get('/peers').json['peers']
    assert {(p['peer_name'], p['peer_ip'], p['peer_port'], p['files']) for p in peers} == {
        ('ana', '10.0.0.1', 50051, 2), ('ana', '10.0.0.3', 50051, 0)}
    assert directory.sources(None, 'a.txt') == [
        {'peer_name': 'ana', 'peer_ip': '10.0.0.1', 'peer_port': 50051, 'file_name': 'a.txt',
         'download_link': 'http://10.0.0.1/download/ana/a.txt'}]
    directory.rest.index(directory.rest.login('eva', peer_ip='10.0.0.9'), ['c.txt'])
    assert directory.stop() == 0
    assert json.loads(directory.state_file.read_text())['version'] == 1
    copies = [path for path in directory.home.iterdir() if path != directory.state_file
              and path.read_bytes() == ORIGINAL.read_bytes()]
    assert len(copies) == 1, 'a copy of the old file is kept'
    directory.start()
    assert len(directory.rest.get('/peers').json['peers']) == 3


def test_the_originals_file_after_one_login(world):
    directory = world.directory(start=False, auth={'mode': 'open'})
    directory.state_file.write_text('{"ana": ["10.0.0.1", [0, "a.txt", "b.txt"]], '
                                    '"luis": ["10.0.0.2", [0]]}')
    directory.start()
    stats = directory.rest.get('/stats').json
    assert (stats['peers'], stats['files']) == (2, 2)


@pytest.mark.parametrize('content', [
    b'{"version": 1, "peers": [', b'not json', b'[]', b'{"version": 1}', b'\x00\x01\x02',
    b'{"version": 99, "peers": []}', b'{"ana": "10.0.0.1"}',
    b'{"version": 1, "peers": [{"username": 5}]}',
    b'{"version": 1, "peers": [{"username": "ana", "peer_ip": "10.0.0.1", "peer_port": 50051, '
    b'"files": [{"name": "../x"}]}]}',
])
def test_a_damaged_file_is_never_overwritten(world, content):
    directory = world.directory(start=False)
    directory.state_file.write_bytes(content)
    directory.start(wait=False)
    assert directory.process.wait_for_end() == 74
    assert str(directory.state_file) in directory.process.output()
    assert directory.state_file.read_bytes() == content


def test_accounts_damaged_or_gone_while_running(world):
    directory = world.directory()
    accounts = directory.home / 'logged_peers.accounts.json'
    directory.rest.login('ana', 'secreto')
    first = {'username': 'eva', 'password': 'x', 'peer_ip': '10.0.0.2'}
    wrong = {'username': 'ana', 'password': 'x', 'peer_ip': '10.0.0.1'}

    accounts.write_text('garbage')
    answer = directory.rest.post('/login', first)
    assert answer.status == 503 and 'retry-after' in answer.headers, answer
    assert str(directory.home) not in answer.text
    told = [line for line in directory.process.output().splitlines() if 'accounts_file' in line]
    assert len(told) == 1 and ' error ' in told[0] and str(accounts) in told[0], told
    directory.rest.login('ana', 'secreto')

    accounts.unlink()
    assert directory.rest.post('/login', wrong).status == 401
    assert 'accounts_file_missing' in directory.process.output()
    assert directory.rest.post('/login', first).status == 200
    directory.restart()
    assert directory.rest.post('/login', wrong).status == 401


def test_an_empty_state_is_a_new_start(world):
    directory = world.directory()
    assert directory.rest.get('/healthz').status == 200
    assert directory.stop() == 0
    assert directory.start().rest.get('/healthz').status == 200


def test_a_second_server_on_the_same_file_stops(world):
    first = world.directory('directory', auth={'mode': 'open'})
    login = first.rest.login()
    second = world.directory('second', start=False, storage={'path': first.state_file})
    second.start(wait=False)
    assert second.process.wait_for_end() == 1
    assert str(first.process.pid) in second.process.output(), 'who holds it'
    assert first.rest.index(login, ['a.txt']) == 1
    first.kill()
    second.start()
    assert second.rest.get('/healthz').status == 200
