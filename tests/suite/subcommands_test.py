"""Every subcommand with --json: its document and its exit code."""
import json
import os
import stat
import subprocess

import pytest

from pieces_root import pieces_root

A = os.urandom(300_000)
B = b'b' * 20_000


@pytest.fixture
def scene(world):
    """A directory, a peer ana with two files, and a client."""
    class Scene:
        directory = world.directory()
        peer = world.peer('ana', {'a.bin': A, 'sub/b.bin': B}, directory)
        client = world.client(directory)
        token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    world.wait_for_source(Scene.directory, Scene.token, 'a.bin')
    world.wait_for_source(Scene.directory, Scene.token, 'b.bin')
    return Scene


def test_hash_prints_content_ids(world):
    client = world.client(1, files={'empty': b'', 'a b': A})
    done = client.run('hash', client.shared / 'empty', client.shared / 'a b')
    assert done.code == 0, done
    assert done.json == {'files': [
        {'path': str(client.shared / 'empty'), 'size': 0, 'content_id': '0' * 64},
        {'path': str(client.shared / 'a b'), 'size': len(A), 'content_id': pieces_root(A)}]}
    plain = client.run_plain('hash', 'shared/a b')
    assert plain.code == 0 and pieces_root(A) in plain.out
    assert client.run('hash', client.home / 'nowhere').code in (3, 74)


def test_verify(world):
    client = world.client(1, files={'a': A})
    right = client.run('verify', client.shared / 'a', pieces_root(A))
    assert (right.code, right.json) == (0, {'match': True})
    upper = client.run('verify', client.shared / 'a', pieces_root(A).upper())
    assert (upper.code, upper.json) == (0, {'match': True})
    wrong = client.run('verify', client.shared / 'a', pieces_root(B))
    assert (wrong.code, wrong.json['match']) == (6, False)
    assert client.run('verify', client.shared / 'a', 'xyz').code == 2
    assert client.run('verify', client.shared / 'none', pieces_root(B)).code in (3, 74)


def test_status_of_a_login(scene):
    before = scene.client.run('status')
    assert before.code == 4, before
    assert before.json['logged_in'] is False
    login = scene.client.login()
    assert isinstance(login.json, dict)
    after = scene.client.run('status')
    assert after.code == 0, after
    assert after.json == {'logged_in': True, 'username': 'clara', 'peer_ip': '127.0.0.1',
                          'peer_port': scene.client.peer_port,
                          'directory': after.json['directory'], 'reachable': True,
                          'downloads': []}
    assert str(scene.directory.port) in str(after.json['directory'])
    session, = [path for path in (scene.client.home / 'state' / 'trueque').rglob('*')
                if path.is_file() and stat.S_IMODE(path.stat().st_mode) == 0o600]
    assert b'secreto' not in session.read_bytes()
    scene.directory.stop()
    assert scene.client.run('status').code == 5


def test_logout_ends_the_session(scene):
    scene.client.login()
    assert scene.client.run('logout').code == 0
    assert scene.client.run('status').code == 4
    assert scene.client.run('logout').code == 4


def test_login_failures(scene):
    scene.directory.rest.login('clara', 'another', '10.0.0.1')
    refused = scene.client.login(expect=4)
    assert set(refused.json) == {'error', 'code'}
    nobody = scene.client.run('login', '--username', 'eva')
    assert nobody.code in (2, 4), 'no password and no terminal to ask on'
    from_environment = scene.client.run('login', '--username', 'eva',
                                        environment={'TRUEQUE_PASSWORD': 'clave'})
    assert from_environment.code == 0, from_environment


def test_a_throttled_login_is_refused(scene):
    scene.directory.rest.login('clara', 'another', '10.0.0.1')
    for code in ['unauthenticated'] * 5 + ['resource_exhausted']:
        assert scene.client.login(expect=4).json['code'] == code


@pytest.mark.parametrize('command', [
    ['get', 'a.bin'], ['search', 'a'], ['peers'], ['index'], ['logout'], ['status']])
def test_not_logged_in_is_4(scene, command):
    done = scene.client.run(*command)
    assert done.code == 4, done
    assert isinstance(done.json, dict)


def test_index_says_whether_others_can_fetch(world):
    directory = world.directory()
    beside = world.peer('luis', {'mine.txt': b'mine'})
    client = world.client(directory, 'luis', beside=beside)
    client.login('luis')
    assert client.run('index').json['not_served'] is None
    beside.stop()
    done = client.run('index')
    assert done.code == 0, done
    assert 'does not answer' in done.json['not_served'] and done.json['not_served'] in done.err


@pytest.mark.parametrize('command', [['get', 'a.bin'], ['search', 'a'], ['peers'], ['index']])
def test_no_directory_is_5(scene, command):
    (scene.client.shared / 'mine.txt').write_bytes(b'mine')
    scene.client.login()
    scene.directory.stop()
    done = scene.client.run(*command)
    assert done.code == 5, done
    assert set(done.json) == {'error', 'code'} or 'files' in done.json


@pytest.mark.parametrize('command', [
    ['get'], ['search'], ['hash'], ['verify', 'x'], ['login'], ['frobnicate'],
    ['get', 'a', '--content-id', 'xyz']])
def test_bad_usage_is_2(scene, command):
    scene.client.login()
    assert scene.client.run(*command).code == 2


def test_get_fetches_verifies_and_indexes(scene):
    scene.client.login()
    done = scene.client.run('get', 'a.bin')
    assert done.code == 0, done
    path = scene.client.shared / 'a.bin'
    assert done.json == {
        'files': [
            {'file_name': 'a.bin', 'path': str(path), 'size': len(A), 'content_id': pieces_root(A),
             'result': 'fetched', 'error': None, 'copied_from': None, 'refetched_bytes': 0, 'refetched_pieces': 0,
             'sources': [{'peer': f'ana (127.0.0.1:{scene.peer.port})', 'bytes': len(A),
                          'banned': False, 'reason': None}]}],
        'summary': {'fetched': 1, 'already': 0, 'placeholder': 0, 'failed': 0, 'bytes': len(A),
                    'moved_bytes': len(A), 'seconds': done.json['summary']['seconds']}}
    assert 0 <= done.json['summary']['seconds'] < 60
    assert path.read_bytes() == A
    again = scene.client.run('get', 'a.bin')
    assert again.code == 0, again
    assert again.json['files'][0]['result'] == 'already'
    assert sorted(p.name for p in scene.client.shared.iterdir()
                  if not p.name.startswith('.')) == ['a.bin']


def test_get_keeps_the_path_and_takes_a_last_component(scene):
    scene.client.login()
    for name in ('sub/b.bin', 'b.bin'):
        done = scene.client.run('get', name)
        assert done.code == 0, done
        assert done.json['files'][0]['path'] == str(scene.client.shared / 'sub' / 'b.bin')
    assert (scene.client.shared / 'sub' / 'b.bin').read_bytes() == B


def test_get_to_an_output(scene):
    scene.client.login()
    target = scene.client.home / 'elsewhere.bin'
    done = scene.client.run('get', 'a.bin', '--output', target)
    assert done.code == 0, done
    assert target.read_bytes() == A
    assert done.json['files'][0]['path'] == str(target)
    rows = scene.directory.sources(scene.token, 'a.bin')
    assert [row['peer_name'] for row in rows] == ['ana'], 'outside the folder: not indexed'


def test_get_by_content_id(scene):
    scene.client.login()
    done = scene.client.run('get', 'a.bin', '--content-id', pieces_root(A).upper())
    assert done.code == 0, done
    assert (scene.client.shared / 'a.bin').read_bytes() == A
    assert scene.client.run('get', 'a.bin', '--content-id', 'cc' * 32).code == 3


def test_get_never_overwrites_a_different_file(scene):
    scene.client.login()
    (scene.client.shared / 'a.bin').write_bytes(b'mine')
    done = scene.client.run('get', 'a.bin')
    assert done.code == 0, done
    assert (scene.client.shared / 'a.bin').read_bytes() == b'mine'
    assert (scene.client.shared / 'a (2).bin').read_bytes() == A


def test_get_unknown_is_3(scene):
    scene.client.login()
    done = scene.client.run('get', 'nothing.bin')
    assert done.code == 3, done
    assert done.json.get('code') == 'not_found' or done.json['files'][0]['result'] == 'failed'


def test_get_of_several_contents_lists_the_choices(scene, world):
    world.peer('luis', {'a.bin': B}, scene.directory)
    world.wait_for_source(scene.directory, scene.token, 'a.bin', 2)
    scene.client.login()
    done = scene.client.run('get', 'a.bin')
    assert done.code == 2, done
    for data in (A, B):
        assert pieces_root(data)[:8] in done.err + done.out
    chosen = scene.client.run('get', 'a.bin', '--content-id', pieces_root(B))
    assert chosen.code == 0, chosen
    assert (scene.client.shared / 'a.bin').read_bytes() == B


def test_get_of_a_placeholder_shows_the_peers_message(scene, world):
    bare = world.peer('bare', start=False)
    del bare.sections['peer_server']['shared_dir']
    bare.start()
    login = scene.directory.rest.login('old', 'x', '127.0.0.1', peer_port=bare.port)
    scene.directory.rest.index(login, ['dummy.txt'])
    scene.client.login()
    done = scene.client.run('get', 'dummy.txt')
    assert done.code == 0, done
    file, = done.json['files']
    assert (file['file_name'], file['result']) == ('dummy.txt', 'placeholder')
    assert 'File dummy.txt downloaded properly!' in done.err
    rows = scene.directory.sources(scene.token, 'dummy.txt')
    assert {row['peer_name'] for row in rows} == {'old', 'clara'}, 'indexed again, as it was'


def test_search(scene):
    scene.client.login()
    done = scene.client.run('search', 'BIN')
    assert done.code == 0, done
    assert done.json['next'] is None
    assert sorted(done.json['files'], key=lambda hit: hit['file_name']) == [
        {'file_name': 'a.bin', 'size': len(A), 'content_id': pieces_root(A), 'sources': 1},
        {'file_name': 'sub/b.bin', 'size': len(B), 'content_id': pieces_root(B), 'sources': 1}]
    words = scene.client.run('search', 'bin', 'sub')
    assert [hit['file_name'] for hit in words.json['files']] == ['sub/b.bin']
    none = scene.client.run('search', 'nothing')
    assert none.code == 3, none
    assert none.json.get('files', []) == []


def test_peers(scene):
    scene.client.login()
    done = scene.client.run('peers')
    assert done.code == 0, done
    ana = next(peer for peer in done.json['peers'] if peer['peer_name'] == 'ana')
    assert ana == {'peer_name': 'ana', 'peer_ip': '127.0.0.1', 'peer_port': scene.peer.port,
                   'files': 2}


def test_index(scene):
    scene.client.login()
    (scene.client.shared / 'sub').mkdir()
    (scene.client.shared / 'mine.txt').write_bytes(b'mine')
    (scene.client.shared / 'sub' / 'other.txt').write_bytes(b'other')
    (scene.client.shared / '.hidden').write_bytes(b'no')
    one = scene.client.run('index', 'mine.txt')
    assert one.code == 0, one
    row, = scene.directory.sources(scene.token, 'mine.txt')
    assert (row['content_id'], row['size'], row['peer_name']) == (pieces_root(b'mine'), 4, 'clara')
    whole = scene.client.run('index')
    assert whole.code == 0, whole
    row, = scene.directory.sources(scene.token, 'other.txt')
    assert row['file_name'] == 'sub/other.txt'
    assert not scene.directory.sources(scene.token, '.hidden')


def test_standard_output_is_one_json_document(scene):
    scene.client.login()
    for command in (['get', 'a.bin'], ['search', 'bin'], ['peers'], ['status'], ['index'],
                    ['get', 'none'], ['logout']):
        done = scene.client.run(*command)
        json.loads(done.out)
        assert done.out.strip().count('\n') == 0 or done.out.lstrip()[0] == '{'


def test_plain_output_for_people(scene):
    scene.client.login()
    config = ['--config', scene.client.config]
    for command, part in ((['search', 'bin'], 'a.bin'), (['peers'], 'ana'),
                          (['status'], 'clara'), (['get', 'a.bin'], 'a.bin')):
        done = scene.client.run_plain(*command, *config)
        assert done.code == 0, done
        assert part in done.out + done.err
        assert '\x1b' not in done.out + done.err, 'no colours where there is no terminal'


def test_standard_output_that_is_gone_is_no_crash(scene):
    scene.client.login()
    child = scene.client.begin(*scene.client.arguments('search', 'bin'), stdin=subprocess.DEVNULL)
    child.stdout.close()
    child.stdout = None
    assert child.wait(30) >= 0
