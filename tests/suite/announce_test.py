"""What a peer-server tells a directory that knows it already: nothing, or what changed."""
import hashlib
import re

import pytest

from pieces_root import pieces_root
from support.waiting import wait_until

FILES = {f'folder{i % 7}/file{i}.txt': f'content {i}'.encode() for i in range(1200)}


@pytest.fixture
def directory(world):
    return world.directory(metrics={'access': 'local'}, lease={'heartbeat_seconds': 1,
                                                               'lease_seconds': 30})


def told(directory) -> int:
    """How often the directory was told of files since it was started."""
    page = directory.rest.get('/metrics').text
    return sum(int(float(count)) for count in re.findall(
        r'trueque_requests_total\{route="/indexFiles",status="\d+"\} (\S+)', page))


def told_and_quiet(directory) -> int:
    """The same, once nothing more comes: a change is there a moment before it is counted."""
    counts = []

    def quiet():
        counts.append(told(directory))
        return len(counts) > 10 and len(set(counts[-10:])) == 1
    wait_until(quiet, 'the peer has nothing more to tell')
    return counts[-1]


def files_of(directory, token, name='ana') -> int:
    peers = directory.rest.get('/peers', token).json['peers']
    return sum(peer['files'] for peer in peers if peer['peer_name'] == name)


def digest_of(files) -> str:
    """As docs/protocol.md has it."""
    digest = bytes(16)
    for name, data in files.items():
        text = f'{name}\0{len(data)}\0{pieces_root(data)}' if data is not None else f'{name}\0\0'
        hashed = hashlib.sha256(text.encode()).digest()[:16]
        digest = bytes(a ^ b for a, b in zip(digest, hashed))
    return digest.hex()


def test_a_killed_peer_that_comes_back_unchanged_says_nothing(world, directory):
    token = directory.rest.login('eva', 'x', '10.0.0.9')['token']
    peer = world.peer('ana', FILES, directory)
    wait_until(lambda: files_of(directory, token) == len(FILES), 'all files are announced')
    peer.kill()
    before = told_and_quiet(directory)
    peer.start()
    peer.process.wait_for('directory_has_all')
    assert told_and_quiet(directory) == before, 'nothing changed'
    peer.add({'folder0/new.txt': b'new'})
    world.wait_for_source(directory, token, 'folder0/new.txt')
    assert told_and_quiet(directory) == before + 1, 'one change is one request'
    assert files_of(directory, token) == len(FILES) + 1


def test_a_killed_peer_that_changed_meanwhile_tells_of_it(world, directory):
    token = directory.rest.login('eva', 'x', '10.0.0.9')['token']
    peer = world.peer('ana', {'a.txt': b'a', 'b.txt': b'b'}, directory)
    wait_until(lambda: files_of(directory, token) == 2, 'all files are announced')
    peer.kill()
    (peer.shared / 'a.txt').unlink()
    peer.add({'c.txt': b'c'})
    peer.start()
    world.wait_for_source(directory, token, 'c.txt')
    wait_until(lambda: not directory.sources(token, 'a.txt'), 'the removal is announced')


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_a_directory_that_comes_back_is_told_nothing(world, directory, end):
    token = directory.rest.login('eva', 'x', '10.0.0.9')['token']
    world.peer('ana', FILES, directory)
    wait_until(lambda: files_of(directory, token) == len(FILES), 'all files are announced')
    told_and_quiet(directory)  # a peer that misses the last answer rightly tells it again
    getattr(directory, end)()
    directory.start()

    def heartbeats():
        page = directory.rest.get('/metrics').text
        found = re.search(r'route="/heartbeat",status="200"\} (\S+)', page)
        return float(found[1]) if found else 0
    wait_until(lambda: heartbeats() >= 3, 'the peer keeps its lease')
    assert told_and_quiet(directory) == 0
    assert files_of(directory, token) == len(FILES)


def test_what_a_directory_lost_is_added_and_the_menus_placeholders_stay(world, directory):
    token = directory.rest.login('eva', 'x', '10.0.0.9')['token']
    peer = world.peer('ana', {'a.txt': b'a', 'b.txt': b'b', 'c.txt': b'c'}, directory)
    wait_until(lambda: files_of(directory, token) == 3, 'all files are announced')
    menu = directory.rest.login('ana', 'secreto', '127.0.0.1', peer_port=peer.port)
    directory.rest.index(menu, ['placeholder'])
    directory.rest.index(menu, ['a.txt', 'b.txt'], mode='remove')
    world.wait_for_source(directory, token, 'a.txt')
    world.wait_for_source(directory, token, 'b.txt')
    assert files_of(directory, token) == 4
    assert 'directory_lost_files' in peer.process.output()


def test_a_login_and_a_heartbeat_tell_what_is_there(directory):
    login = directory.rest.login('ana', 'secreto', '10.0.0.1')
    assert (login['files'], login['digest']) == (0, '0' * 32)
    files = {'a.txt': b'a', 'sub/ñandú.txt': b'bb', 'placeholder': None}
    directory.rest.index(login, [
        {'name': name, 'size': len(data), 'content_id': pieces_root(data)} if data is not None
        else name for name, data in files.items()])

    def beat():
        return directory.rest.post('/heartbeat', {'peer_ip': '10.0.0.1'}, login['token']).json
    first = beat()
    assert (first['files'], first['digest']) == (3, digest_of(files))
    assert first['revision'] > login['revision']
    assert beat() == first
    again = directory.rest.login('ana', 'secreto', '10.0.0.1')
    assert {key: again[key] for key in ('files', 'revision', 'digest')} == \
        {key: first[key] for key in ('files', 'revision', 'digest')}
    directory.kill()
    directory.start()
    after = beat()
    assert (after['files'], after['digest']) == (3, first['digest'])
    assert after['revision'] >= first['revision']
