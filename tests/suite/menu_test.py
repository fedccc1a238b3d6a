"""The five-option menu on a terminal, word for word."""
import os
import signal
import subprocess

import pytest

from pieces_root import pieces_root
from support.original import OriginalPeer
from support.terminal import MENU
from support.waiting import wait_until

A = os.urandom(100_000)
B = b'b' * 20_000


@pytest.fixture
def scene(world):
    class Scene:
        directory = world.directory()
        peer = world.peer('ana', {'a.bin': A, 'sub/b.bin': B}, directory)
        client = world.client(directory)
        token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    world.wait_for_source(Scene.directory, Scene.token, 'a.bin')
    world.wait_for_source(Scene.directory, Scene.token, 'b.bin')
    return Scene


def choose(menu, option):
    menu.expect_menu()
    menu.send(option)


def log_in(menu, username='clara', password='secreto', peer_ip=''):
    choose(menu, '1')
    menu.answer('Enter username: ', username)
    menu.answer('Enter password: ', password)
    menu.answer('Enter peer IP: ', peer_ip)


def test_the_menu_word_for_word(scene):
    menu = scene.client.menu()
    menu.expect_menu()
    assert MENU in menu.transcript
    menu.send('5')
    assert menu.wait_for_end() == 0


def test_a_whole_session(scene):
    (scene.client.shared / 'mine.txt').write_bytes(b'mine')
    menu = scene.client.menu()
    choose(menu, '4')
    menu.expect_text('Login required first!')
    log_in(menu)
    choose(menu, '1')
    menu.expect_text('Already logged in!')
    choose(menu, '3')
    menu.answer('Enter peer files (comma-separated): ', '')
    menu.expect_menu()
    row, = scene.directory.sources(scene.token, 'mine.txt')
    assert (row['peer_name'], row['content_id']) == ('clara', pieces_root(b'mine'))
    menu.send('4')
    menu.answer('Enter file name to search: ', 'a.bin')
    menu.expect_menu()
    assert (scene.client.shared / 'a.bin').read_bytes() == A
    menu.send('9')
    menu.expect_text('Invalid choice. Please try again.')
    choose(menu, '2')
    menu.expect_menu()
    assert not scene.directory.sources(scene.token, 'mine.txt')
    menu.send('2')
    menu.expect_text('Login required first!')
    choose(menu, '5')
    assert menu.wait_for_end() == 0
    assert 'secreto' not in menu.transcript, 'a password is not echoed'


@pytest.mark.parametrize('option', ['2', '3', '4'])
def test_a_login_is_needed(scene, option):
    menu = scene.client.menu()
    choose(menu, option)
    menu.expect_text('Login required first!')
    menu.expect_menu()


@pytest.mark.parametrize('choice', ['', '0', '6', '9', 'x', '11', '-1', ' ', '4 4', 'ñ'])
def test_another_choice_is_invalid(scene, choice):
    menu = scene.client.menu()
    choose(menu, choice)
    menu.expect_text('Invalid choice. Please try again.')
    menu.expect_menu()


def test_end_of_input_leaves_like_5(scene):
    menu = scene.client.menu()
    menu.expect_menu()
    menu.press(b'\x04')
    assert menu.wait_for_end() == 0


def test_a_wrong_password_says_so_and_stays(scene):
    scene.directory.rest.login('clara', 'another', '10.0.0.1')
    menu = scene.client.menu()
    log_in(menu)
    choose(menu, '4')
    menu.expect_text('Login required first!')


def test_no_directory_is_a_message(scene):
    scene.directory.stop()
    menu = scene.client.menu()
    log_in(menu)
    menu.expect(str(scene.directory.port))
    menu.expect_menu()


def test_names_typed_are_looked_up_in_the_folder(scene):
    (scene.client.shared / 'one.txt').write_bytes(b'1')
    (scene.client.shared / 'two.txt').write_bytes(b'2')
    menu = scene.client.menu()
    log_in(menu)
    choose(menu, '3')
    menu.answer('Enter peer files (comma-separated): ', ' one.txt ,two.txt,')
    menu.expect_menu()
    for name, data in (('one.txt', b'1'), ('two.txt', b'2')):
        row, = scene.directory.sources(scene.token, name)
        assert row['content_id'] == pieces_root(data)


def test_ctrl_c_while_indexing_says_what_came_of_it(scene):
    with open(scene.client.shared / 'huge', 'wb') as file:
        file.truncate(1 << 40)
    menu = scene.client.menu()
    log_in(menu)
    choose(menu, '3')
    menu.answer('Enter peer files (comma-separated): ', '')
    menu.expect_text('hashing huge')
    menu.press(b'\x03')
    menu.expect_text('Interrupted; nothing was indexed.')
    menu.expect_menu()


def test_with_no_folder_names_are_placeholders(scene, world):
    client = world.client(scene.directory, 'luis')
    del client.sections['peer_client']['shared_dir']
    client.config.write_text(client.config.read_text().replace('shared_dir', '; shared_dir'))
    menu = client.menu()
    log_in(menu, 'luis')
    choose(menu, '3')
    menu.answer('Enter peer files (comma-separated): ', 'uno.txt, dos.txt')
    menu.expect_menu()
    row, = scene.directory.sources(scene.token, 'dos.txt')
    assert row['peer_name'] == 'luis' and 'size' not in row


def test_several_contents_are_a_table_and_a_choice(scene, world):
    world.peer('luis', {'a.bin': B}, scene.directory)
    world.wait_for_source(scene.directory, scene.token, 'a.bin', 2)
    menu = scene.client.menu()
    log_in(menu)
    choose(menu, '4')
    menu.answer('Enter file name to search: ', 'a.bin')
    line = menu.expect(r'(\d+)\D[^\n]*' + pieces_root(B)[:8])
    start = menu.transcript.rfind('\n', 0, line.end()) + 1
    number = menu.transcript[start:line.end()].split()[0].strip('.)')
    menu.expect(r'[^\n]*: $')
    menu.send(number)
    menu.expect_menu()
    assert (scene.client.shared / 'a.bin').read_bytes() == B


def test_no_match_tells_near_names(scene):
    menu = scene.client.menu()
    log_in(menu)
    choose(menu, '4')
    menu.answer('Enter file name to search: ', 'b.b')
    menu.expect_text('sub/b.bin')
    menu.expect_menu()
    assert list(scene.client.shared.iterdir()) == []


def test_a_placeholder_shows_the_peers_message(scene, world):
    peer = OriginalPeer()
    world.on_close(peer.close)
    login = scene.directory.rest.login('old', 'x', '127.0.0.1', peer_port=peer.port)
    scene.directory.rest.index(login, ['dummy.txt'])
    menu = scene.client.menu()
    log_in(menu)
    choose(menu, '4')
    menu.answer('Enter file name to search: ', 'dummy.txt')
    menu.expect_text('File dummy.txt downloaded properly!')
    menu.expect_menu()
    assert peer.asked == [('old', 'dummy.txt')]


def test_the_menu_holds_the_lease_and_then_lets_it_run_out(world):
    directory = world.directory(lease={'heartbeat_seconds': 1, 'lease_seconds': 3})
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    client = world.client(directory, files={'mine.txt': b'mine'})
    menu = client.menu()
    log_in(menu)
    choose(menu, '3')
    menu.answer('Enter peer files (comma-separated): ', 'mine.txt')
    menu.expect_menu()

    def uptime():
        return directory.rest.get('/stats', token).json['uptime_seconds']
    two_leases_later = uptime() + 6
    wait_until(lambda: uptime() >= two_leases_later, 'two leases pass')
    assert len(directory.sources(token, 'mine.txt')) == 1
    menu.send('5')
    assert menu.wait_for_end() == 0
    wait_until(lambda: not directory.sources(token, 'mine.txt'), 'the lease runs out')


def test_the_menu_reads_and_writes_no_session_file(scene):
    scene.client.login('eva')
    menu = scene.client.menu()
    choose(menu, '3')
    menu.expect_text('Login required first!')
    log_in(menu)
    choose(menu, '5')
    assert menu.wait_for_end() == 0
    assert scene.client.run('status').json['username'] == 'eva'


def test_piped_input_works_without_a_terminal(scene):
    child = scene.client.begin('--config', scene.client.config, stdin=subprocess.PIPE)
    done = scene.client.finish(
        child, given=b'1\nclara\nsecreto\n\n4\na.bin\n2\n5\n')
    assert done.code == 0, done
    assert (scene.client.shared / 'a.bin').read_bytes() == A
    assert 'secreto' not in done.out + done.err


def test_a_password_typed_ahead_is_taken(scene):
    menu = scene.client.menu()
    choose(menu, '1')
    menu.expect_text('Enter username: ')
    menu.press(b'clara\nsecreto\n\n')
    menu.expect_menu()
    menu.send('1')
    menu.expect_text('Already logged in!')


def test_the_terminal_echoes_again_after_a_signal_at_the_password(scene):
    menu = scene.client.menu()
    choose(menu, '1')
    menu.answer('Enter username: ', 'clara')
    menu.expect_text('Enter password: ')
    assert not menu.echoes()
    menu.signal(signal.SIGTERM)
    wait_until(menu.echoes, 'the terminal echoes again')
    assert menu.wait_for_end() == 143
