"""A peer-server on its own: what it serves, and what it never does."""
import os

import grpc
import pytest

from pieces_root import pieces_root
from support.waiting import wait_until
from support.wire import MAX_CHUNK, Peer, code_of

MIB = 1024 * 1024
FILES = {
    'empty': b'',
    'small.txt': b'hola\n',
    'block': bytes(range(256)) * 64,
    'block+1': bytes(range(256)) * 64 + b'x',
    'sub/folder/big.bin': os.urandom(5 * MIB + 7),
    'one/same.txt': b'first',
    'two/same.txt': b'second',
    'ñandú 1.txt': b'utf-8',
    '.hidden': b'no',
    '.folder/inside.txt': b'no',
}
SHARED = sorted(name for name in FILES if not name.startswith('.'))


@pytest.fixture
def calls(world):
    made = []

    def call(server):
        made.append(Peer(server.port))
        return made[-1]
    yield call
    for peer in made:
        peer.close()


@pytest.fixture
def peer(world, calls):
    server = world.peer(files=FILES)
    caller = calls(server)
    caller.server = server
    for name in SHARED:
        wait_hashed(caller, pieces_root(FILES[name]))
    return caller


def wait_hashed(caller, content_id):
    wait_until(lambda: code_of(lambda: caller.stat(content_id)) == grpc.StatusCode.OK,
               'the folder is hashed')


@pytest.mark.parametrize('name', SHARED)
def test_stat_by_name_and_by_content(peer, name):
    data = FILES[name]
    content_id = pieces_root(data)
    for info in (peer.stat(name=name), peer.stat(content_id)):
        assert (info.file_name, info.size, info.content_id.hex()) == (name, len(data), content_id)
        assert info.piece_size == MIB
        pieces = [data[i:i + MIB] for i in range(0, len(data), MIB)]
        assert len(info.piece_hashes) == 32 * len(pieces)
        if len(pieces) == 1:
            assert info.piece_hashes.hex() == content_id
        elif pieces:
            assert info.piece_hashes[:32].hex() == pieces_root(pieces[0])


def test_stat_by_last_component(peer):
    assert peer.stat(name='big.bin').file_name == 'sub/folder/big.bin'
    assert code_of(lambda: peer.stat(name='same.txt')) == grpc.StatusCode.FAILED_PRECONDITION
    assert peer.stat(name='two/same.txt').content_id.hex() == pieces_root(b'second')


@pytest.mark.parametrize('name', SHARED)
def test_fetch_gives_the_bytes(peer, name):
    data = FILES[name]
    assert peer.fetch(pieces_root(data), 0, len(data)) == data


@pytest.mark.parametrize('offset, length', [
    (0, 0), (5 * MIB + 7, 0), (0, 1), (5 * MIB + 6, 1), (123, 456), (MIB, 3 * MIB), (1, 5 * MIB)])
def test_fetch_gives_exactly_the_range(peer, offset, length):
    data = FILES['sub/folder/big.bin']
    chunks = [chunk.data for chunk in peer.chunks(pieces_root(data), offset, length)]
    assert b''.join(chunks) == data[offset:offset + length]
    assert all(len(chunk) <= MAX_CHUNK for chunk in chunks)


@pytest.mark.parametrize('offset, length', [
    (5 * MIB + 8, 0), (5 * MIB + 8, 1), (0, 5 * MIB + 8), (2 ** 64 - 1, 2), (1, 2 ** 64 - 1)])
def test_a_bad_range_is_refused(peer, offset, length):
    content_id = pieces_root(FILES['sub/folder/big.bin'])
    assert code_of(lambda: peer.fetch(content_id, offset, length)) == grpc.StatusCode.OUT_OF_RANGE


@pytest.mark.parametrize('name', [
    'nothing', '.hidden', '.folder/inside.txt', '../shared/small.txt', '/etc/passwd', '..', '',
    'sub', 'sub/folder', './small.txt', 'sub/../small.txt', 'sub\\folder\\big.bin', 'x' * 5000])
def test_what_is_not_shared_is_not_there(peer, name):
    assert code_of(lambda: peer.stat(name=name)) in (grpc.StatusCode.NOT_FOUND,
                                                     grpc.StatusCode.INVALID_ARGUMENT)
    assert code_of(lambda: peer.download_file(name)) in (grpc.StatusCode.NOT_FOUND,
                                                         grpc.StatusCode.INVALID_ARGUMENT)


@pytest.mark.parametrize('content_id', ['', 'aa', 'cc' * 32, pieces_root(b'no')])
def test_an_unknown_content_is_refused(peer, content_id):
    refused = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT)
    assert code_of(lambda: peer.stat(content_id)) in refused
    assert code_of(lambda: peer.fetch(content_id, 0, 1)) in refused


def test_links_that_lead_out_are_not_shared(world, calls):
    outside = world.folder / 'outside'
    outside.mkdir()
    (outside / 'secret.txt').write_bytes(b'secret')
    server = world.peer(files={'inside.txt': b'inside'}, start=False)
    (server.shared / 'link.txt').symlink_to(outside / 'secret.txt')
    (server.shared / 'folder').symlink_to(outside)
    (server.shared / 'up').symlink_to('../..')
    server.start()
    caller = calls(server)
    wait_hashed(caller, pieces_root(b'inside'))
    for name in ('link.txt', 'folder/secret.txt', 'secret.txt', 'up/outside/secret.txt'):
        assert code_of(lambda: caller.stat(name=name)) == grpc.StatusCode.NOT_FOUND
    assert code_of(lambda: caller.stat(pieces_root(b'secret'))) == grpc.StatusCode.NOT_FOUND


def test_a_file_swapped_for_a_link_is_not_followed(world, calls):
    server = world.peer(files={'a.txt': b'mine'})
    caller = calls(server)
    wait_hashed(caller, pieces_root(b'mine'))
    (world.folder / 'other.txt').write_bytes(b'else')
    (server.shared / 'a.txt').unlink()
    (server.shared / 'a.txt').symlink_to(world.folder / 'other.txt')
    try:
        assert caller.fetch(pieces_root(b'mine'), 0, 4) != b'else'
    except grpc.RpcError as failure:
        assert failure.code() in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION)


def test_the_originals_message(peer):
    assert peer.download_file('small.txt') == 'File small.txt downloaded properly!'


def test_without_a_folder_every_name_is_answered(world, calls):
    server = world.peer('bare', start=False)
    del server.sections['peer_server']['shared_dir']
    caller = calls(server.start())
    assert caller.download_file('anything.txt') == 'File anything.txt downloaded properly!'
    assert code_of(lambda: caller.stat(name='anything.txt')) == grpc.StatusCode.NOT_FOUND


def test_health_and_reflection(peer):
    assert peer.raw('/grpc.health.v1.Health/Check') == b'\x08\x01'
    # list_services of ServerReflectionRequest is field 7, a string.
    for version in ('v1alpha',):
        method = f'/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo'
        services = peer.raw_stream(method, b'\x3a\x01*')
        for service in (b'PeerService', b'trueque.v1.FileTransfer', b'grpc.health.v1.Health'):
            assert service in services


def test_changes_are_seen(world, calls):
    server = world.peer(files={'old.txt': b'old'})
    caller = calls(server)
    wait_hashed(caller, pieces_root(b'old'))
    server.add({'new/deep/file.txt': b'new'})
    wait_hashed(caller, pieces_root(b'new'))
    (server.shared / 'old.txt').unlink()
    wait_until(lambda: code_of(lambda: caller.stat(pieces_root(b'old')))
               == grpc.StatusCode.NOT_FOUND, 'the removed file goes')
    (server.shared / 'new').rename(server.shared / 'moved')
    wait_until(lambda: code_of(lambda: caller.stat(name='moved/deep/file.txt'))
               == grpc.StatusCode.OK, 'the renamed folder is seen')


def test_a_changed_file_is_not_served_as_the_old_one(world, calls):
    server = world.peer(files={'a.txt': b'before'})
    caller = calls(server)
    wait_hashed(caller, pieces_root(b'before'))
    server.add({'a.txt': b'after!'})
    try:
        assert caller.fetch(pieces_root(b'before'), 0, 6) == b'before'
    except grpc.RpcError as failure:
        assert failure.code() in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND)
    wait_hashed(caller, pieces_root(b'after!'))


def test_an_announced_folder_follows_its_changes(world):
    directory = world.directory()
    token = directory.rest.login('eva', 'x', '10.0.0.9')['token']
    server = world.peer('ana', {'a.txt': b'a', 'sub/b.txt': b'b', '.c.txt': b'c'}, directory)
    world.wait_for_source(directory, token, 'sub/b.txt')
    row, = world.wait_for_source(directory, token, 'a.txt')
    assert row == {'peer_name': 'ana', 'peer_ip': '127.0.0.1', 'peer_port': server.port,
                   'file_name': 'a.txt', 'size': 1, 'content_id': pieces_root(b'a'),
                   'download_link': 'http://127.0.0.1/download/ana/a.txt'}
    assert not directory.sources(token, '.c.txt')
    server.add({'sub/new.txt': b'new'})
    world.wait_for_source(directory, token, 'sub/new.txt')
    (server.shared / 'a.txt').unlink()
    wait_until(lambda: not directory.sources(token, 'a.txt'), 'the removal is announced')


def test_same_name_different_content_are_both_announced(world):
    directory = world.directory()
    token = directory.rest.login('eva', 'x', '10.0.0.9')['token']
    world.peer('ana', {'one/same.txt': b'first', 'two/same.txt': b'second'}, directory)
    rows = world.wait_for_source(directory, token, 'same.txt', 2)
    assert {(row['file_name'], row['content_id']) for row in rows} == {
        ('one/same.txt', pieces_root(b'first')), ('two/same.txt', pieces_root(b'second'))}


def test_a_wrong_password_keeps_serving_and_says_why(world, calls):
    directory = world.directory()
    directory.rest.login('ana', 'another password', '10.0.0.1')
    server = world.peer('ana', {'a.txt': b'a'}, directory)
    caller = calls(server)
    wait_hashed(caller, pieces_root(b'a'))
    assert server.process.running()
    assert 'secreto' not in server.process.output()
