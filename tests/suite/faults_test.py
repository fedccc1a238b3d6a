"""Programs killed at any moment, peers that vanish, directories that come back."""
import os

from pieces_root import pieces_root
from support.liar import Liar
from support.waiting import wait_until

MIB = 1024 * 1024
BIG = os.urandom(48 * MIB)
LEASE = {'heartbeat_seconds': 1, 'lease_seconds': 2}


def watcher(directory):
    return directory.rest.login('watcher', 'x', '10.9.9.9')['token']


def test_a_killed_directory_keeps_its_state_and_peers_come_back(world):
    directory = world.directory(lease=LEASE)
    token = watcher(directory)
    peer = world.peer('ana', {'a.bin': b'a'}, directory)
    world.wait_for_source(directory, token, 'a.bin')
    own = directory.rest.login('eva', 'x', '10.0.0.5')
    directory.rest.index(own, ['answered.bin'])
    directory.kill()
    directory.start()
    assert len(directory.sources(token, 'answered.bin')) == 1
    peer.add({'later.bin': b'later'})
    for name in ('a.bin', 'later.bin'):
        world.wait_for_source(directory, token, name)


def test_a_directory_that_lost_everything_is_filled_again(world):
    directory = world.directory(lease=LEASE)
    peer = world.peer('ana', {'a.bin': b'a', 'sub/b.bin': b'b'}, directory)
    world.wait_for_source(directory, watcher(directory), 'a.bin')
    directory.stop()
    for path in directory.home.iterdir():
        if path.is_file() and path.suffix not in ('.log', '.ini'):
            path.unlink()
    directory.start()
    token = watcher(directory)
    for name in ('a.bin', 'sub/b.bin'):
        world.wait_for_source(directory, token, name)
    assert peer.process.running()


def test_a_peer_waits_for_a_directory_that_is_not_there_yet(world):
    directory = world.directory(start=False)
    world.peer('ana', {'a.bin': b'a'}, directory)
    directory.start()
    world.wait_for_source(directory, watcher(directory), 'a.bin')


def test_a_killed_peer_expires_and_returns(world):
    directory = world.directory(lease=LEASE)
    token = watcher(directory)
    peer = world.peer('ana', {'a.bin': b'a'}, directory)
    world.wait_for_source(directory, token, 'a.bin')
    peer.kill()
    wait_until(lambda: not directory.sources(token, 'a.bin'), 'the lease runs out')
    client = world.client(directory)
    client.login()
    assert client.run('get', 'a.bin').code == 3
    peer.start()
    world.wait_for_source(directory, token, 'a.bin')
    assert client.run('get', 'a.bin').code == 0


def test_a_peer_that_vanished_within_its_lease_is_5(world):
    directory = world.directory()
    token = watcher(directory)
    peer = world.peer('ana', {'a.bin': b'a'}, directory)
    world.wait_for_source(directory, token, 'a.bin')
    peer.kill()
    client = world.client(directory, wait_seconds=2)
    client.login()
    done = client.run('get', 'a.bin', seconds=100)
    assert done.code == 5, done
    assert not (client.shared / 'a.bin').exists()


def test_another_source_takes_over_from_a_vanished_one(world):
    directory = world.directory()
    token = watcher(directory)
    peers = [world.peer(name, {'a.bin': BIG}, directory) for name in ('ana', 'luis')]
    world.wait_for_source(directory, token, 'a.bin', 2)
    peers[0].kill()
    client = world.client(directory)
    client.login()
    done = client.run('get', 'a.bin')
    assert done.code == 0, done
    assert (client.shared / 'a.bin').read_bytes() == BIG


def test_a_killed_client_leaves_no_wrong_file(world):
    directory = world.directory()
    slow = Liar(BIG, 'none')
    world.on_close(slow.close)
    slow.announce(directory, 'a.bin')
    client = world.client(directory)
    client.login()
    child = client.begin(*client.arguments('get', 'a.bin'))
    wait_until(lambda: slow.asked >= 2 or child.poll() is not None, 'the download runs')
    child.kill()
    child.communicate()
    path = client.shared / 'a.bin'
    assert not path.exists() or path.read_bytes() == BIG
    done = client.run('get', 'a.bin')
    assert done.code == 0, done
    assert path.read_bytes() == BIG


def test_ctrl_c_during_a_download_returns_to_the_menu(world):
    directory = world.directory()
    stuck = Liar(BIG, 'silent')
    world.on_close(stuck.close)
    stuck.announce(directory, 'a.bin')
    client = world.client(directory)
    menu = client.menu()
    menu.expect_menu()
    menu.send('1')
    for prompt, line in (('Enter username: ', 'clara'), ('Enter password: ', 'secreto'),
                         ('Enter peer IP: ', '')):
        menu.answer(prompt, line)
    menu.expect_menu()
    menu.send('4')
    menu.answer('Enter file name to search: ', 'a.bin')
    wait_until(lambda: stuck.asked >= 1, 'the download begins')
    menu.press(b'\x03')
    menu.expect_menu()
    menu.send('5')
    assert menu.wait_for_end() == 0
    assert not (client.shared / 'a.bin').exists()


def test_sigint_ends_a_subcommand_with_130(world):
    directory = world.directory()
    stuck = Liar(BIG, 'silent')
    world.on_close(stuck.close)
    stuck.announce(directory, 'a.bin')
    client = world.client(directory)
    client.login()
    for number, code in ((2, 130), (15, 143)):
        before = stuck.asked
        child = client.begin(*client.arguments('get', 'a.bin'))
        wait_until(lambda: stuck.asked > before, 'the download begins')
        child.send_signal(number)
        done = client.finish(child, 20)
        assert done.code == code, done


def test_a_killed_directory_never_leaves_half_a_state_file(world):
    directory = world.directory(auth={'mode': 'open'})
    login = directory.rest.login()
    for number in range(8):
        directory.rest.index(login, [{'name': f'{number}/{i}', 'size': i,
                                      'content_id': pieces_root(b'%d' % i)} for i in range(300)])
        directory.kill()
        directory.start()
        assert directory.rest.get('/stats').json['files'] == 300 * (number + 1)
