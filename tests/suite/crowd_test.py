"""Many at once: 32 clients, and requests in parallel."""
import concurrent.futures
import os

import grpc

from pieces_root import pieces_root
from support.waiting import wait_until
from support.wire import Peer, code_of

DATA = os.urandom(3 * 1024 * 1024 + 11)


def test_32_clients_at_once(world):
    directory = world.directory()
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    for name in ('ana', 'luis'):
        world.peer(name, {'a.bin': DATA, f'only-{name}.bin': DATA[:1000]}, directory)
    world.wait_for_source(directory, token, 'a.bin', 2)
    clients = [world.client(directory, f'client{i}') for i in range(32)]

    def whole_life(numbered):
        number, client = numbered
        client.login(f'client{number}')
        done = client.run('get', 'a.bin', seconds=200)
        assert done.code == 0, done
        assert (client.shared / 'a.bin').read_bytes() == DATA
        assert client.run('logout').code == 0

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        list(pool.map(whole_life, enumerate(clients)))
    names = {peer['peer_name'] for peer in directory.rest.get('/peers', token).json['peers']}
    assert names == {'watcher', 'ana', 'luis'}


def test_writers_and_readers_in_parallel(world):
    directory = world.directory(auth={'mode': 'open'})
    logins = [directory.rest.login(f'peer{i}', peer_ip=f'10.0.1.{i}') for i in range(16)]

    def write_and_read(login):
        for number in range(20):
            name = f'{login["username"]}/{number}.txt'
            directory.rest.index(login, [name])
            assert [row['peer_name'] for row in directory.sources(None, name)] == [
                login['username']]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(write_and_read, logins))
    stats = directory.rest.get('/stats').json
    assert (stats['peers'], stats['files'], stats['names']) == (16, 320, 320)
    directory.kill()
    directory.start()
    assert directory.rest.get('/stats').json['files'] == 320


def test_many_fetches_from_one_peer(world):
    peer = world.peer('ana', {'a.bin': DATA})
    first = Peer(peer.port)
    content_id = pieces_root(DATA)

    def fetch(_):
        return first.fetch(content_id, 0, len(DATA)) == DATA

    wait_until(lambda: code_of(lambda: first.stat(content_id)) == grpc.StatusCode.OK, 'hashed')
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(pool.map(fetch, range(16)))
    first.close()
