"""Peers that share real folders with one another through one directory."""
import os

from pieces_root import pieces_root

MIB = 1024 * 1024
FOLDERS = {
    'ana': {'notes.txt': b'from ana\n', 'photos/2024/a.jpg': os.urandom(2 * MIB + 1)},
    'luis': {'music/song.mp3': os.urandom(MIB), 'empty.dat': b''},
    'eva': {'docs/ñandú 1.pdf': os.urandom(MIB - 1), 'docs/deep/er/one.bin': b'\x00' * (MIB + 1)},
}
ALL = {name: data for files in FOLDERS.values() for name, data in files.items()}


def share_everything(world):
    directory = world.directory()
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    peers = {name: world.peer(name, files, directory) for name, files in FOLDERS.items()}
    for name in ALL:
        world.wait_for_source(directory, token, name)
    return directory, token, peers


def test_a_client_fetches_every_file_of_three_peers(world):
    directory, _, _ = share_everything(world)
    client = world.client(directory)
    client.login()
    for name, data in ALL.items():
        done = client.run('get', name)
        assert done.code == 0, done
        assert (client.shared / name).read_bytes() == data
        file, = done.json['files']
        assert (file['result'], file['content_id']) == ('fetched', pieces_root(data))


def test_what_a_peer_fetched_it_shares(world):
    directory, token, peers = share_everything(world)
    client = world.client(directory, 'luis', beside=peers['luis'])
    client.login('luis', port=peers['luis'].port)
    done = client.run('get', 'photos/2024/a.jpg')
    assert done.code == 0, done
    rows = world.wait_for_source(directory, token, 'photos/2024/a.jpg', 2)
    assert {row['peer_name'] for row in rows} == {'ana', 'luis'}
    peers['ana'].stop()
    other = world.client(directory, 'clara')
    other.login()
    done = other.run('get', 'a.jpg')
    assert done.code == 0, done
    assert (other.shared / 'photos/2024/a.jpg').read_bytes() == ALL['photos/2024/a.jpg']


def test_what_the_peer_beside_holds_is_already_there(world):
    directory, _, peers = share_everything(world)
    client = world.client(directory, 'ana', beside=peers['ana'])
    client.login('ana', port=peers['ana'].port)
    done = client.run('get', 'notes.txt')
    assert done.code == 0, done
    assert done.json['files'][0]['result'] == 'already'


def test_without_a_peer_server_beside_a_line_says_it_is_not_shared(world):
    directory, token, _ = share_everything(world)
    client = world.client(directory)
    client.login()
    done = client.run('get', 'notes.txt')
    assert done.code == 0, done
    assert done.err.strip() != ''
    rows = directory.sources(token, 'notes.txt')
    assert [row['peer_name'] for row in rows] == ['ana']


def test_peers_under_one_address_are_told_apart(world):
    directory, token, peers = share_everything(world)
    rows = directory.rest.get('/peers', token).json['peers']
    shown = {(row['peer_name'], row['peer_ip'], row['peer_port'], row['files']) for row in rows
             if row['peer_name'] in FOLDERS}
    assert shown == {(name, '127.0.0.1', peers[name].port, 2) for name in FOLDERS}
