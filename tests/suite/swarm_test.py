"""Peers that fetch one file at once and feed each other what they have of it."""
import os
import time

import grpc

from pieces_root import pieces_root
from support.waiting import wait_until
from support.wire import Peer, code_of

MIB = 1024 * 1024
SIZE = 60 * MIB
RATE = 10 * MIB  # bytes a second, of the one whole source


def bytes_read(server) -> int:
    """What the program has read from files until now."""
    with open(f'/proc/{server.process.pid}/io', encoding='ascii') as counters:
        return int(next(line for line in counters if line.startswith('rchar')).split()[1])


def fetching_peer(world, directory, name):
    """A client, and the file it fetches into the folder of the peer-server beside it."""
    peer = world.peer(name, {}, directory)
    client = world.client(directory, name, beside=peer)
    client.login(name, port=peer.port)
    return client, peer.shared / 'a.bin'


def source_of(world, directory, data, **keys):
    source = world.peer('ana', {'a.bin': data}, directory, **keys)
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    world.wait_for_source(directory, token, 'a.bin')
    return source


def test_three_that_fetch_at_once_feed_each_other(world):
    data = os.urandom(SIZE)
    directory = world.directory()
    source = source_of(world, directory, data, upload_rate='10M')
    fetching = [fetching_peer(world, directory, name) for name in ('luis', 'eva', 'sol')]
    before, start = bytes_read(source), time.monotonic()
    running = [client.begin(*client.arguments('get', 'a.bin')) for client, _ in fetching]
    wait_until(lambda: all(path.exists() for _, path in fetching), 'fetched', seconds=60)
    took, served = time.monotonic() - start, bytes_read(source) - before
    for (client, path), child in zip(fetching, running):
        done = client.finish(child)
        assert done.code == 0, done
        assert path.read_bytes() == data
    print(f'three times {SIZE} bytes in {took:.1f} s, {served} of them from the source')
    # Three times the size, each for itself; and so long would that take.
    assert served < 2 * SIZE
    assert took < 3 * SIZE / RATE


def killed_download(world, directory, data, part_bytes):
    """The peer-server beside a client that was killed in the middle."""
    peer = world.peer('luis', {}, directory)
    client = world.client(directory, 'luis', beside=peer)
    client.login('luis', port=peer.port)
    child = client.begin(*client.arguments('get', 'a.bin'))
    journal = wait_until(lambda: next(iter(peer.shared.glob('.a.bin.*.part.pieces')), None),
                         'the journal')
    head = 4 + 32 + 8 + 4 + 32 * (len(data) // MIB)
    wait_until(lambda: journal.stat().st_size >= head + 4 * part_bytes // MIB, 'some pieces')
    child.kill()
    child.communicate()
    return peer, journal


def test_what_a_killed_download_left_is_served(world):
    data = os.urandom(24 * MIB)
    directory = world.directory()
    source = source_of(world, directory, data, upload_rate='6M')
    peer, _ = killed_download(world, directory, data, 6 * MIB)
    caller = Peer(peer.port)
    content_id = pieces_root(data)
    info = caller.stat(content_id)
    held = [piece for piece in range(24) if info.held_pieces[piece // 8] & 0x80 >> piece % 8]
    assert len(held) >= 6
    for piece in held:
        assert caller.fetch(content_id, piece * MIB, MIB) == data[piece * MIB:(piece + 1) * MIB]
    missing = next(piece for piece in range(24) if piece not in held)
    assert (code_of(lambda: caller.fetch(content_id, missing * MIB, 1))
            == grpc.StatusCode.UNAVAILABLE)
    for name in ('a.bin', info.file_name, '.a.bin.' + content_id[:8] + '.part'):
        assert code_of(lambda: caller.stat(name=name)) == grpc.StatusCode.NOT_FOUND
    caller.close()
    assert source.process.running()


def test_a_journal_that_is_wrong_makes_nobody_a_liar(world):
    data = os.urandom(24 * MIB)
    directory = world.directory()
    source_of(world, directory, data, upload_rate='6M')
    peer, journal = killed_download(world, directory, data, 6 * MIB)
    # It names all pieces from now on, those that never came as well.
    head = 4 + 32 + 8 + 4 + 32 * 24
    whole = journal.read_bytes()[:head]
    journal.write_bytes(whole + b''.join(i.to_bytes(4, 'little') for i in range(24)))
    # In the swarm, for the client that comes next.
    login = directory.rest.login('luis', 'secreto', '127.0.0.1', peer_port=peer.port)
    joined = directory.rest.post('/joinSwarm', {
        'peer_ip': '127.0.0.1', 'peer_port': peer.port, 'size': len(data),
        'content_id': pieces_root(data)}, login['token'])
    assert joined.status == 200
    client, path = fetching_peer(world, directory, 'eva')
    done = client.run('get', 'a.bin')
    assert done.code == 0, done
    assert path.read_bytes() == data
    assert 'luis' not in done.err, done


def test_a_source_that_comes_later_helps_the_one_that_was_alone(world):
    data = os.urandom(60 * MIB)
    directory = world.directory()
    source_of(world, directory, data, upload_rate='2M')
    client = world.client(directory, 'luis')
    client.login('luis')
    child = client.begin(*client.arguments('get', 'a.bin', '--json'))
    wait_until(lambda: list(client.shared.glob('.a.bin.*.part')), 'the download has begun')
    world.peer('late', {'another name.bin': data}, directory)
    done = client.finish(child)
    assert done.code == 0, done
    assert (client.shared / 'a.bin').read_bytes() == data
    given = {each['peer'].split()[0]: each['bytes'] for each in done.json['files'][0]['sources']}
    assert given['late'] > 20 * MIB, given
