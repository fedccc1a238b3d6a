"""What only one of the two modes does: accounts and tokens; addresses as in the original."""
import json
import stat
import subprocess

import pytest

from support.process import BIN, clean_environment


@pytest.fixture
def guarded(world):
    return world.directory()


@pytest.fixture
def original(world):
    return world.directory(auth={'mode': 'open'})


def test_the_first_login_makes_the_account(guarded):
    guarded.rest.login('ana', 'secreto')
    body = {'username': 'ana', 'password': 'wrong', 'peer_ip': '10.0.0.1'}
    answer = guarded.rest.post('/login', body)
    assert answer.status == 401
    assert answer.json['code'] == 'unauthenticated'
    assert 'wrong' not in answer.text
    guarded.rest.login('ana', 'secreto')


@pytest.mark.parametrize('method, path, body', [
    ('POST', '/indexFiles', {'peer_ip': '10.0.0.1', 'peer_files': ['a']}),
    ('POST', '/getFiles', {'file_name': 'a'}),
    ('POST', '/heartbeat', {'peer_ip': '10.0.0.1'}),
    ('POST', '/logout', {'peer_ip': '10.0.0.1'}),
    ('GET', '/search?q=a', None), ('GET', '/peers', None), ('GET', '/stats', None),
])
def test_a_token_is_needed(guarded, method, path, body):
    guarded.rest.login()
    for headers in ({}, {'Authorization': 'Bearer '}, {'Authorization': 'Bearer nonsense'},
                    {'Authorization': 'Basic YTpi'}, {'Authorization': 'Bearer ' + 'f' * 5000}):
        answer = guarded.rest.send(method, path, body, headers=headers)
        assert answer.status == 401, (headers, answer)
        assert answer.json['code'] == 'unauthenticated'


def test_a_token_is_good_for_its_own_peer_alone(guarded):
    ana = guarded.rest.login('ana', peer_port=6001)
    guarded.rest.login('ana', peer_port=6002)
    guarded.rest.login('luis', peer_ip='10.0.0.2')
    for other in ({'peer_ip': '10.0.0.1', 'peer_port': 6002}, {'peer_ip': '10.0.0.2'},
                  {'peer_ip': '10.0.0.77'}):
        for path, more in (('/indexFiles', {'peer_files': ['a']}), ('/logout', {}),
                           ('/heartbeat', {})):
            answer = guarded.rest.post(path, {**other, **more}, ana['token'])
            assert answer.status == 403, (path, other, answer)
    answer = guarded.rest.post('/indexFiles', {'peer_ip': '10.0.0.1', 'peer_files': ['a']},
                               ana['token'])
    assert answer.status == 200, 'the port left out means the peer of the token'
    rows = guarded.sources(ana['token'], 'a')
    assert [row['peer_port'] for row in rows] == [6001]


def test_five_wrong_passwords_close_that_name_from_that_address(guarded):
    guarded.rest.login('ana', 'secreto')
    wrong = {'username': 'ana', 'password': 'wrong', 'peer_ip': '10.0.0.1'}
    assert [guarded.rest.post('/login', wrong).status for _ in range(5)] == [401] * 5
    right = {**wrong, 'password': 'secreto'}
    answer = guarded.rest.post('/login', right)
    assert answer.status == 429
    assert answer.json['error'] == answer.json['message']
    guarded.rest.login('luis', 'otro', '10.0.0.2')
    assert guarded.rest.post('/login', right, source='127.0.0.2').status == 200


def test_a_right_password_clears_the_count(guarded):
    guarded.rest.login('ana', 'secreto')
    wrong = {'username': 'ana', 'password': 'wrong', 'peer_ip': '10.0.0.1'}
    for _ in range(2):
        assert [guarded.rest.post('/login', wrong).status for _ in range(4)] == [401] * 4
        guarded.rest.login('ana', 'secreto')


def test_closed_registration_and_add_user(world):
    directory = world.directory(auth={'registration': 'closed'})
    body = {'username': 'eva', 'password': 'clave', 'peer_ip': '10.0.0.1'}
    answer = directory.rest.post('/login', body)
    assert (answer.status, answer.json['code']) == (403, 'permission_denied')
    directory.stop()
    added = subprocess.run(
        [BIN / 'main-server', 'add-user', 'eva', '--config', directory.home / 'settings.ini'],
        input=b'clave\nclave\n', cwd=directory.home, timeout=30, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=clean_environment(directory.home, TRUEQUE_PASSWORD='clave'))
    assert added.returncode == 0, added.stdout
    directory.start()
    assert directory.rest.post('/login', body).status == 200
    assert directory.rest.post('/login', {**body, 'password': 'x'}).status == 401


def test_secrets_stay_out_of_the_files_and_the_log(guarded):
    login = guarded.rest.login('ana', 'a-rare-secret')
    guarded.rest.index(login, ['a.txt'])
    guarded.rest.post('/login', {'username': 'ana', 'password': 'another-rare-one',
                                 'peer_ip': '10.0.0.1'})
    private = []
    for path in guarded.home.rglob('*'):
        if not path.is_file():
            continue
        data = path.read_bytes()
        for secret in ('a-rare-secret', 'another-rare-one', login['token']):
            assert secret.encode() not in data, path
        if b'$argon2id$' in data:
            private.append(path)
    assert len(private) >= 1
    for path in private:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path != guarded.state_file


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_tokens_and_files_survive_a_restart(guarded, end):
    login = guarded.rest.login()
    guarded.rest.index(login, ['a.txt'])
    getattr(guarded, end)()
    guarded.start()
    assert len(guarded.sources(login['token'], 'a.txt')) == 1
    assert guarded.rest.index(login, ['b.txt']) == 2


def test_a_session_that_logged_out_is_over(guarded):
    login = guarded.rest.login()
    asked = {'peer_ip': '10.0.0.1'}
    assert guarded.rest.post('/logout', asked, login['token']).status == 200
    assert guarded.rest.post('/logout', asked, login['token']).status == 401
    guarded.restart()
    assert guarded.rest.get('/peers', login['token']).status == 401


def test_open_mode_takes_any_password_and_no_token(original):
    for password in ('one', 'two'):
        original.rest.login('ana', password)
    answer = original.rest.post('/indexFiles', {'peer_ip': '10.0.0.1', 'peer_files': ['a.txt']})
    assert (answer.status, answer.json['message']) == (200, 'Files indexed successfully.')
    assert len(original.sources(None, 'a.txt')) == 1
    assert original.rest.get('/peers').status == 200


def test_open_mode_takes_the_peer_last_logged_in_from_an_address(original):
    original.rest.login('ana')
    original.rest.login('luis')
    original.rest.post('/indexFiles', {'peer_ip': '10.0.0.1', 'peer_files': ['a.txt']})
    assert [row['peer_name'] for row in original.sources(None, 'a.txt')] == ['luis']


def test_open_mode_unknown_peers(original):
    answer = original.rest.post('/indexFiles', {'peer_ip': '10.9.9.9', 'peer_files': ['a']})
    assert (answer.status, answer.json['error']) == (404, 'Peer IP not found.')
    answer = original.rest.post('/logout', {'peer_ip': '10.9.9.9'})
    assert (answer.status, answer.json) == (200, {'message': 'Logged out peer with IP 10.9.9.9'})
    assert original.rest.post('/heartbeat', {'peer_ip': '10.9.9.9'}).status == 404


def test_state_that_cannot_be_written_is_503_and_reads_go_on(world):
    directory = world.directory(auth={'mode': 'open'})
    login = directory.rest.login()
    directory.rest.index(login, ['a.txt'])
    # Even root writes nothing into a folder that is gone.
    moved = directory.home.with_name('moved')
    directory.home.rename(moved)
    answer = directory.rest.post('/indexFiles', {'peer_ip': '10.0.0.1', 'peer_files': ['b']})
    assert len(directory.sources(None, 'a.txt')) == 1
    moved.rename(directory.home)
    assert answer.status == 503, answer
    assert int(answer.headers['retry-after']) >= 1
    again = {'peer_ip': '10.0.0.1', 'peer_files': ['c']}
    assert directory.rest.post('/indexFiles', again).status == 200, 'it heals by itself'
    directory.kill()
    directory.start()
    assert directory.rest.get('/stats').json['files'] == 2
    assert directory.stop() == 0
    assert json.loads(directory.state_file.read_text())['version'] == 1
