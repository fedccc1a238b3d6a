"""main-server export, import, check and repair, with a server running and without."""
import json
import stat
import subprocess

import pytest

from support.process import BIN, clean_environment
from support.terminal import Terminal


@pytest.fixture
def server(world):
    directory = world.directory()
    login = directory.rest.login()
    directory.rest.index(login, ['a.txt', 'b.txt'])
    directory.login = login
    return directory


def command(directory, *words, given=None):
    return subprocess.run([str(BIN / 'main-server'), *map(str, words), '--path',
                           str(directory.state_file)], cwd=directory.home, input=given,
                          capture_output=True, text=True, env=clean_environment(directory.home),
                          check=False)


def journal(directory):
    return sorted(directory.home.glob('logged_peers.journal.*'))


def test_a_backup_is_one_file_made_while_the_server_runs(server, world):
    backup = server.home / 'backup.json'
    done = command(server, 'export', backup)
    assert done.returncode == 0, done
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert done.stderr == 'Exported 1 peer, 2 files, 1 session, 1 account.\n'
    other = world.directory('other', start=False)
    done = command(other, 'import', backup)
    assert done.returncode == 0, done
    other.start()
    assert other.rest.index(server.login, ['c.txt']) == 3, 'the token is known there'
    assert other.rest.login('ana', 'secreto')['token']
    assert other.rest.post('/login', {'username': 'ana', 'password': 'wrong',
                                      'peer_ip': '10.0.0.1'}).status == 401


def test_import_needs_the_server_stopped_and_keeps_what_was_there(server):
    text = '{"version": 1, "peers": []}'
    done = command(server, 'import', '-', given=text)
    assert done.returncode == 1 and 'in use by another main-server' in done.stderr, done
    assert server.stop() == 0
    before = server.state_file.read_bytes()
    done = command(server, 'import', '-', given='{"version": 1, "peers": [')
    assert done.returncode == 74 and 'line 1, column' in done.stderr, done
    assert server.state_file.read_bytes() == before
    done = command(server, 'import', '-', given=text)
    assert done.returncode == 0, done
    assert json.loads(server.state_file.read_text())['peers'] == []
    assert server.state_file.with_name('logged_peers.json.before-import').read_bytes() == before
    server.start()
    assert server.rest.login('ana', 'secreto'), 'accounts stay where a file has none'


def test_secrets_go_to_a_terminal_only_when_asked_for(server, world):
    words = ['export', '-', '--path', server.state_file]
    for more, shown in (([], False), (['--secrets'], True), (['--public'], False)):
        terminal = Terminal('main-server', [*words, *more], server.home, None)
        try:
            assert terminal.wait_for_end() == 0
            assert ('argon2id' in terminal.transcript) is shown, more
        finally:
            terminal.close()
    assert 'argon2id' in command(server, 'export', '-').stdout, 'a pipe is no terminal'
    assert 'argon2id' not in command(server, 'export', '-', '--public').stdout


def test_a_torn_end_is_dropped_and_told(server):
    server.kill()
    last = journal(server)[-1]
    with open(last, 'ab') as out:
        out.write(b'TqFr torn')
    done = command(server, 'check')
    assert done.returncode == 0 and 'torn' in done.stdout, done
    server.start()
    assert 'journal_torn' in server.process.output()
    assert server.rest.get('/stats', server.login['token']).json['files'] == 2


def test_a_damaged_middle_is_refused_and_repaired(server):
    server.rest.index(server.login, ['c.txt'])
    server.kill()
    first = journal(server)[0]
    frames = bytearray(first.read_bytes())
    frames[frames.index(b'a.txt')] ^= 1
    first.write_bytes(frames)
    server.start(wait=False)
    assert server.process.wait_for_end() == 74
    said = server.process.output()
    assert str(first) in said and 'damaged at byte' in said and 'main-server repair' in said
    assert first.read_bytes() == frames
    assert command(server, 'check').returncode == 74
    assert command(server, 'export', '-').returncode == 74
    done = command(server, 'repair')
    assert done.returncode == 0 and 'Set aside: ' in done.stdout and 'Lost: ' in done.stdout, done
    aside, = server.home.glob('*.damaged')
    assert aside.read_bytes() in bytes(frames)
    assert 'nothing to repair' in command(server, 'repair').stdout
    server.start()
    assert [entry['file_name'] for entry in server.sources(server.login['token'], 'c.txt')] == [
        'c.txt'], 'what was behind the damage'


def test_a_mistyped_path_is_no_empty_directory(world):
    nowhere = world.directory('nowhere', start=False)
    backup = nowhere.home / 'backup.json'
    for words in (['check'], ['export', backup], ['repair']):
        done = command(nowhere, *words)
        assert done.returncode == 74 and 'there is no directory at' in done.stderr, done
    assert not backup.exists() and not list(nowhere.home.glob('logged_peers*'))
