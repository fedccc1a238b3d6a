"""Directories that lie, names that lead outside, and what must not reach a terminal.
What peers lie about is in lies_test.py and stuck_sources_test.py."""
import os
import time

import pytest

from pieces_root import pieces_root
from support.liar import Liar
from support.original import OriginalDirectory, OriginalPeer
from support.waiting import PATIENCE

DATA = os.urandom(2 * 1024 * 1024 + 5)
SMALL = os.urandom(70_000)


@pytest.fixture
def scene(world):
    class Scene:
        directory = world.directory()
        client = world.client(directory)

        @staticmethod
        def liar(lie, data=DATA, **more):
            made = Liar(data, lie)
            world.on_close(made.close)
            made.announce(Scene.directory, 'a.bin', f'liar-{lie}', **more)
            return made
    Scene.client.login()
    return Scene


def nothing_left(client):
    return [path for path in client.shared.rglob('*')
            if path.is_file() and not path.name.startswith('.')] == []


def test_a_wrong_size_at_the_directory_is_a_lie(scene):
    scene.liar('none', size=len(DATA) + 1)
    done = scene.client.run('get', 'a.bin')
    assert done.code == 6, done
    assert nothing_left(scene.client)


def test_a_peer_server_beside_that_hangs_costs_seconds(scene, world):
    stuck = Liar(SMALL, 'silent')
    world.on_close(stuck.close)
    scene.liar('none', SMALL)
    client = world.client(scene.directory, 'luis', peer_server_port=stuck.port)
    client.login('luis')
    started = time.monotonic()
    done = client.run('get', 'a.bin')
    assert done.code == 0, done
    assert 'does not answer in time' in done.err, done
    assert time.monotonic() - started < 12 * PATIENCE


def test_a_source_that_is_gone_is_5(scene):
    scene.liar('none').close()
    done = scene.client.run('get', 'a.bin', seconds=100)
    assert done.code == 5, done


def test_a_name_from_a_peer_is_not_used(scene, world):
    scene.liar('name')
    done = scene.client.run('get', 'a.bin')
    assert done.code in (0, 6), done
    assert not list(world.folder.rglob('evil.bin'))


class LyingDirectory(OriginalDirectory):
    """Answers /getFiles with a row of its own making, members of ours included."""

    def _get(self, body):
        return '200 OK', self.rows


EVIL = ['../evil.bin', '../../evil.bin', '/tmp/evil-trueque.bin', 'a/../../evil.bin', '..',
        '.evil.bin', 'sub/.evil/evil.bin', 'sub\\..\\evil.bin', 'evil\n.bin', '', 'link/evil.bin']


@pytest.mark.parametrize('name', EVIL)
def test_a_directory_cannot_write_outside(world, name):
    peer, directory = Liar(SMALL, 'none'), LyingDirectory()
    world.on_close(peer.close)
    world.on_close(directory.close)
    directory.rows = [{
        'peer_name': 'eva', 'peer_ip': '127.0.0.1', 'peer_port': peer.port, 'file_name': name,
        'size': len(SMALL), 'content_id': pieces_root(SMALL), 'download_link': 'http://x/'}]
    client = world.client(directory.port)
    outside = world.folder / 'outside'
    outside.mkdir()
    (client.shared / 'link').symlink_to(outside)
    client.login()
    done = client.run('get', 'evil.bin')
    written = [path for path in world.folder.rglob('*') if path.is_file()
               and path.stat().st_size == len(SMALL)]
    assert all(path.parent == client.shared and not path.name.startswith('.')
               for path in written), written
    assert not os.path.exists('/tmp/evil-trueque.bin')
    assert list(outside.iterdir()) == []
    assert done.code in (0, 1, 3, 4, 5, 6, 74), done


@pytest.mark.parametrize('name', ['../a.bin', '/etc/passwd', 'sub/../../x', '.hidden', 'a\\b'])
def test_a_name_asked_for_cannot_lead_outside(scene, name):
    done = scene.client.run('get', name)
    assert done.code in (2, 3), done
    assert nothing_left(scene.client)


def test_a_link_in_the_way_is_not_written_through(scene, world):
    outside = world.folder / 'outside'
    outside.mkdir()
    (outside / 'target').write_bytes(b'precious')
    (scene.client.shared / 'a.bin').symlink_to(outside / 'target')
    scene.liar('none', SMALL)
    done = scene.client.run('get', 'a.bin')
    assert (outside / 'target').read_bytes() == b'precious', done
    assert [path.name for path in outside.iterdir()] == ['target']


ESCAPES = '\x1b[2J\x1b]0;owned\x07\u202egpj.exe\u0085'


def test_control_characters_never_reach_a_terminal(world):
    class Shouting(OriginalPeer):
        def DownloadFile(self, request, context):  # noqa: N802
            answer = super().DownloadFile(request, context)
            answer.message += ESCAPES
            return answer

    peer, directory = Shouting(), LyingDirectory()
    world.on_close(peer.close)
    world.on_close(directory.close)
    directory.rows = [{'peer_name': 'eva' + ESCAPES, 'peer_ip': '127.0.0.1',
                       'peer_port': peer.port, 'file_name': 'a.txt',
                       'download_link': 'http://x/' + ESCAPES}]
    client = world.client(directory.port)
    client.login()
    config = ['--config', client.config]
    for arguments in (['get', 'a.txt'], ['get', 'none' + ESCAPES], ['search', 'x' + ESCAPES],
                      ['peers'], ['status']):
        done = client.run_plain(*arguments, *config)
        shown = done.out + done.err
        for bad in ('\x1b', '\x07', '\u202e', '\u0085'):
            assert bad not in shown, done


@pytest.mark.parametrize('address', [':\x1b]0;PWNED\x07RED', '127.0.0.1:46417/x', '::1\r\x1b[2J'])
def test_an_address_that_is_none_is_no_source(world, address):
    directory = LyingDirectory()
    world.on_close(directory.close)
    directory.rows = [{
        'peer_name': 'eva', 'peer_ip': address, 'peer_port': 50051, 'file_name': 'a.bin',
        'size': len(SMALL), 'content_id': pieces_root(SMALL), 'download_link': 'http://x/'}]
    client = world.client(directory.port)
    client.login()
    done = client.run('get', 'a.bin')
    assert done.code == 3, done
    assert all(line.isprintable() for line in done.err.splitlines()), done
    assert all(line.startswith('peer-client: ') for line in done.err.splitlines()), done


def test_the_log_of_grpc_does_not_reach_the_terminal(scene):
    scene.liar('none', SMALL)
    arguments = scene.client.arguments('get', 'a.bin')
    # gRPC complains of an unknown trace; that it does shows where its log is on.
    for verbosity, heard in (({'GRPC_VERBOSITY': 'error'}, True), ({}, False)):
        done = scene.client.finish(scene.client.begin(
            *arguments, environment={'GRPC_TRACE': 'nosuchtrace', **verbosity}))
        assert done.code == 0, done
        assert ('nosuchtrace' in done.err) == heard, done
        (scene.client.shared / 'a.bin').unlink()


def test_a_directory_that_answers_nonsense_is_a_clean_failure(world):
    class Nonsense(OriginalDirectory):
        answers = ['{"files": 7}', '[', '[[[]]]', '[{"file_name": 5}]', 'null', '[null]',
                   '[{"file_name": "a.txt", "peer_ip": 7, "peer_name": {}}]',
                   '[{"file_name": "a.txt", "peer_ip": "x", "peer_name": "y", "peer_port": 1e9}]']

        def _answer(self, method, path, headers, data):
            if path == '/getFiles':
                return '200 OK', 'application/json', self.answers[0]
            return super()._answer(method, path, headers, data)

    directory = Nonsense()
    world.on_close(directory.close)
    client = world.client(directory.port)
    client.login()
    for _ in range(len(Nonsense.answers)):
        done = client.run('get', 'a.txt')
        assert 0 < done.code < 128, (Nonsense.answers[0], done)
        assert isinstance(done.json, dict)
        Nonsense.answers.append(Nonsense.answers.pop(0))
