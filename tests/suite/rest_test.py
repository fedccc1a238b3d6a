"""Every route of the directory, in both modes, over raw HTTP."""
import json

import pytest

from support.waiting import wait_until

ID_A = 'aa' * 32
ID_B = 'bb' * 32
TERMS = {'heartbeat_seconds': 15, 'lease_seconds': 45}
NO_FILES = {'files': 0, 'digest': '0' * 32}


def real(name, size=10, content_id=ID_A):
    return {'name': name, 'size': size, 'content_id': content_id}


def rows(directory, login, **asked):
    answer = directory.rest.post('/getFiles', asked, login['token'])
    assert answer.status == 200, answer
    return answer.json


def is_error(answer, status):
    assert answer.status == status, answer
    assert answer.json['error'] == answer.json['message'] != ''
    assert set(answer.json['code']) <= set('abcdefghijklmnopqrstuvwxyz_')
    return answer.json['message']


def test_login_tells_the_session_and_never_the_password(directory):
    answer = directory.rest.post('/login', {'username': 'ana', 'password': 'secreto',
                                            'peer_ip': '10.0.0.1', 'unknown': [1, {}]})
    assert answer.status == 200
    token = answer.json['token']
    assert len(token) >= 32
    revision = answer.json['revision']
    assert 0 < revision < 2 ** 53
    assert answer.json == {'username': 'ana', 'peer_ip': '10.0.0.1', 'peer_port': 50051,
                           'token': token, 'revision': revision, **TERMS, **NO_FILES}
    assert 'secreto' not in answer.text
    assert answer.headers['content-type'].startswith('application/json')


def test_a_placeholder_is_found_without_size_or_content(directory):
    login = directory.rest.login()
    assert directory.rest.index(login, ['a.txt', 'b.txt']) == 2
    assert rows(directory, login, file_name='a.txt') == [
        {'peer_name': 'ana', 'peer_ip': '10.0.0.1', 'peer_port': 50051, 'file_name': 'a.txt',
         'download_link': 'http://10.0.0.1/download/ana/a.txt'}]


def test_a_real_file_is_found_by_name_component_and_content(directory):
    login = directory.rest.login(peer_port=6001)
    directory.rest.index(login, [real('photos/2024/a.jpg', 5, ID_A.upper())])
    row = {'peer_name': 'ana', 'peer_ip': '10.0.0.1', 'peer_port': 6001,
           'file_name': 'photos/2024/a.jpg', 'size': 5, 'content_id': ID_A,
           'download_link': 'http://10.0.0.1/download/ana/photos/2024/a.jpg'}
    for asked in ({'file_name': 'photos/2024/a.jpg'}, {'file_name': 'a.jpg'},
                  {'content_id': ID_A}, {'content_id': ID_A.upper()}):
        assert rows(directory, login, **asked) == [row]
    for unknown in ({'file_name': '2024/a.jpg'}, {'file_name': 'A.jpg'}, {'content_id': ID_B}):
        answer = directory.rest.post('/getFiles', unknown, login['token'])
        assert is_error(answer, 404) == 'File not found.'
        assert answer.json['code'] == 'not_found'


@pytest.mark.parametrize('username, peer_ip, name, link', [
    ('ana', '10.0.0.1', 'a b%.txt', 'http://10.0.0.1/download/ana/a%20b%25.txt'),
    ('ana', '2001:DB8::1', 'x/ñ.txt', 'http://[2001:db8::1]/download/ana/x/%C3%B1.txt'),
    ('ana', 'box.example', 'q?#&.txt', 'http://box.example/download/ana/q%3F%23%26.txt'),
])
def test_download_link_is_percent_encoded(directory, username, peer_ip, name, link):
    login = directory.rest.login(username, peer_ip=peer_ip)
    directory.rest.index(login, [name])
    assert rows(directory, login, file_name=name)[0]['download_link'] == link


def test_index_modes(directory):
    login = directory.rest.login()
    assert directory.rest.index(login, [real('a'), real('b')]) == 2
    assert directory.rest.index(login, [real('b', 11, ID_B), 'c'], mode='add') == 3
    assert rows(directory, login, file_name='b')[0]['content_id'] == ID_B
    assert directory.rest.index(login, ['a', 'no such'], mode='remove') == 2
    assert directory.rest.index(login, ['z'], mode='replace') == 1
    assert directory.rest.post('/getFiles', {'file_name': 'c'}, login['token']).status == 404
    assert directory.rest.index(login, [], mode='replace') == 0


def test_limit_of_get_files(directory):
    login = directory.rest.login()
    for number in range(4):
        peer = directory.rest.login(f'peer{number}', peer_port=7000 + number)
        directory.rest.index(peer, [real('shared.bin')])
    assert len(rows(directory, login, file_name='shared.bin')) == 4
    assert len(rows(directory, login, file_name='shared.bin', limit=3)) == 3


def test_logging_in_again_keeps_the_files_and_opens_a_session(directory):
    first = directory.rest.login()
    directory.rest.index(first, ['a.txt'])
    second = directory.rest.login()
    assert second['token'] != first['token']
    asked = {'peer_ip': '10.0.0.1', 'peer_port': 50051}
    answer = directory.rest.post('/logout', asked, first['token'])
    assert answer.status == 200
    assert answer.json == {'message': 'Logged out peer with IP 10.0.0.1'}
    assert len(rows(directory, second, file_name='a.txt')) == 1
    assert directory.rest.post('/logout', asked, second['token']).status == 200
    reader = directory.rest.login('eva', peer_ip='10.0.0.9')
    assert directory.rest.post('/getFiles', {'file_name': 'a.txt'}, reader['token']).status == 404


def test_heartbeat_tells_the_terms_and_what_there_is(directory):
    login = directory.rest.login()
    answer = directory.rest.post('/heartbeat', {'peer_ip': '10.0.0.1'}, login['token'])
    assert (answer.status, answer.json) == (
        200, {'revision': login['revision'], **TERMS, **NO_FILES})


def test_search_orders_and_pages(directory):
    one, two = directory.rest.login('ana'), directory.rest.login('luis', peer_ip='10.0.0.2')
    names = ['song', 'song.mp3', 'my song.mp3', 'mysong.mp3', 'songs/other.mp3']
    directory.rest.index(one, [real(name, 1, f'{i:064x}') for i, name in enumerate(names)])
    directory.rest.index(two, [real('my song.mp3', 1, f'{2:064x}'), 'Song placeholder'])
    found = directory.rest.get('/search', one['token'], q='SONG').json
    order = [hit['file_name'] for hit in found['files']]
    assert order[0] == 'song'
    assert order.index('song.mp3') < order.index('my song.mp3') < order.index('mysong.mp3')
    hit = next(hit for hit in found['files'] if hit['file_name'] == 'my song.mp3')
    assert hit == {'file_name': 'my song.mp3', 'size': 1, 'content_id': f'{2:064x}', 'sources': 2}
    placeholder = next(hit for hit in found['files'] if hit['file_name'] == 'Song placeholder')
    assert placeholder == {'file_name': 'Song placeholder', 'sources': 1}
    words = directory.rest.get('/search', one['token'], q='mp3 my').json['files']
    assert {hit['file_name'] for hit in words} == {'my song.mp3', 'mysong.mp3'}
    assert directory.rest.get('/search', one['token'], q='nothing').json == {'files': [],
                                                                             'next': None}
    paged, cursor = [], {}
    while cursor is not None:
        page = directory.rest.get('/search', one['token'], q='song', limit=2, **cursor).json
        assert 1 <= len(page['files']) <= 2
        paged += page['files']
        cursor = {'cursor': page['next']} if page['next'] is not None else None
    assert paged == found['files']


def test_peers_and_stats(directory):
    one = directory.rest.login('ana')
    two = directory.rest.login('luis', peer_ip='10.0.0.2', peer_port=6000)
    directory.rest.index(one, [real('a'), real('b'), 'c'])
    directory.rest.index(two, [real('a')])
    peers = directory.rest.get('/peers', one['token']).json['peers']
    seen = {peer['peer_name']: peer for peer in peers}
    assert set(seen['ana']) == {'peer_name', 'peer_ip', 'peer_port', 'files', 'last_seen_seconds'}
    assert seen['ana']['files'] == 3
    assert (seen['luis']['peer_ip'], seen['luis']['peer_port']) == ('10.0.0.2', 6000)
    assert 0 <= seen['luis']['last_seen_seconds'] < 60
    stats = directory.rest.get('/stats', one['token']).json
    uptime = stats.pop('uptime_seconds')
    assert stats == {'peers': 2, 'files': 4, 'names': 3, 'contents': 1}
    assert 0 <= uptime < 60


def test_healthz_needs_no_token(directory):
    answer = directory.rest.get('/healthz')
    assert (answer.status, answer.json) == (200, {'status': 'ok'})


LOGIN = {'username': 'ana', 'password': 'x', 'peer_ip': '10.0.0.1'}
INDEX = {'peer_ip': '10.0.0.1', 'peer_files': ['a']}


@pytest.mark.parametrize('path, body, member', [
    ('/login', {**LOGIN, 'username': 7}, 'username'),
    ('/login', {**LOGIN, 'username': ''}, 'username'),
    ('/login', {'username': 'ana', 'peer_ip': '10.0.0.1'}, 'password'),
    ('/login', {**LOGIN, 'password': None}, 'password'),
    ('/login', {'username': 'ana', 'password': 'x'}, 'peer_ip'),
    ('/login', {**LOGIN, 'peer_ip': 'no good'}, 'peer_ip'),
    ('/login', {**LOGIN, 'peer_port': 70000}, 'peer_port'),
    ('/login', {**LOGIN, 'peer_port': '50051'}, 'peer_port'),
    ('/login', {**LOGIN, 'peer_port': 1.5}, 'peer_port'),
    ('/login', {**LOGIN, 'peer_port': -1}, 'peer_port'),
    ('/logout', {}, 'peer_ip'),
    ('/logout', {'peer_ip': 5}, 'peer_ip'),
    ('/heartbeat', {}, 'peer_ip'),
    ('/indexFiles', {'peer_ip': '10.0.0.1'}, 'peer_files'),
    ('/indexFiles', {**INDEX, 'peer_files': 'a'}, 'peer_files'),
    ('/indexFiles', {**INDEX, 'peer_files': [1]}, 'peer_files'),
    ('/indexFiles', {**INDEX, 'mode': 'delete'}, 'mode'),
    ('/indexFiles', {**INDEX, 'peer_files': [{'size': 1, 'content_id': ID_A}]}, 'name'),
    ('/indexFiles', {**INDEX, 'peer_files': [{'name': 'a', 'size': 1}]}, 'content_id'),
    ('/indexFiles', {**INDEX, 'peer_files': [{'name': 'a', 'content_id': ID_A}]}, 'size'),
    ('/indexFiles', {**INDEX, 'peer_files': [real('a', -1)]}, 'size'),
    ('/indexFiles', {**INDEX, 'peer_files': [real('a', 2 ** 53)]}, 'size'),
    ('/indexFiles', {**INDEX, 'peer_files': [real('a', 1, 'zz' * 32)]}, 'content_id'),
    ('/indexFiles', {**INDEX, 'peer_files': [real('a', 1, 'aa')]}, 'content_id'),
    ('/getFiles', {}, 'file_name'),
    ('/getFiles', {'file_name': 7}, 'file_name'),
    ('/getFiles', {'file_name': 'a', 'limit': -1}, 'limit'),
    ('/getFiles', {'file_name': 'a', 'limit': '5'}, 'limit'),
    ('/getFiles', {'content_id': 'xyz'}, 'content_id'),
])
def test_a_bad_member_is_named(directory, path, body, member):
    login = directory.rest.login()
    answer = directory.rest.post(path, body, login['token'])
    assert member in is_error(answer, 422)


@pytest.mark.parametrize('name', [
    '', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a\\b', 'a\nb', 'a\x1b[31m',
    'a\x7f', 'a\u0085b', 'a\u202eb', 'a\u2066b', 'x' * 256, 'ñ' * 128, '/'.join(['d' * 200] * 6),
])
def test_a_bad_file_name_is_refused(directory, name):
    login = directory.rest.login()
    for entry in (name, real(name)):
        answer = directory.rest.post('/indexFiles', {'peer_ip': '10.0.0.1',
                                                     'peer_files': [entry]}, login['token'])
        is_error(answer, 422)
    assert directory.rest.get('/stats', login['token']).json['files'] == 0


@pytest.mark.parametrize('query', ['', '?q=', '?q=%20', '?q=a&limit=-1', '?q=a&limit=x',
                                   '?q=a&limit=1001'])
def test_a_bad_search_is_refused(directory, query):
    login = directory.rest.login()
    is_error(directory.rest.send('GET', '/search' + query, token=login['token']), 422)


@pytest.mark.parametrize('body', [b'', b'{', b'not json', b'{"peer_ip": "10.0.0.1"', b'\xff\xfe',
                                  b'{"username": "a\xff"}'])
@pytest.mark.parametrize('path', ['/login', '/indexFiles', '/getFiles'])
def test_what_is_not_json_is_400(directory, path, body):
    login = directory.rest.login()
    is_error(directory.rest.post(path, body, login['token']), 400)


@pytest.mark.parametrize('body', [b'[]', b'7', b'null', b'"x"'])
def test_json_that_is_no_object_is_refused(directory, body):
    login = directory.rest.login()
    assert directory.rest.post('/getFiles', body, login['token']).status in (400, 422)


def test_limits_on_a_body(directory):
    login = directory.rest.login()
    too_large = b'{"file_name": "' + b'a' * (8 * 1024 * 1024) + b'"}'
    is_error(directory.rest.post('/getFiles', too_large, login['token']), 413)
    deep = b'{"file_name": ' + b'[' * 100_000 + b']' * 100_000 + b'}'
    assert directory.rest.post('/getFiles', deep, login['token']).status in (400, 422)
    many = {'peer_ip': '10.0.0.1', 'peer_files': [f'f{i}' for i in range(10_001)]}
    assert directory.rest.post('/indexFiles', many, login['token']).status in (413, 422)
    assert directory.rest.get('/healthz').status == 200


def test_ten_thousand_files_in_one_request(directory):
    login = directory.rest.login()
    assert directory.rest.index(login, [f'f{i}' for i in range(10_000)]) == 10_000


@pytest.mark.parametrize('method, path', [('GET', '/nothing'), ('POST', '/nothing'),
                                          ('GET', '/'), ('DELETE', '/login')])
def test_an_unknown_route_answers_an_error_body(directory, method, path):
    login = directory.rest.login()
    answer = directory.rest.send(method, path, token=login['token'])
    assert answer.status in (404, 405)
    is_error(answer, answer.status)


def test_an_indexed_file_is_on_disk_when_the_answer_comes(directory):
    login = directory.rest.login()
    directory.rest.index(login, [real('a/b.txt', 7, ID_B), 'name only'])
    directory.kill()
    directory.start()
    assert len(directory.sources(login['token'], 'a/b.txt')) == 1
    assert directory.stop() == 0
    state = json.loads(directory.state_file.read_text())
    assert state['version'] == 1
    peer, = state['peers']
    assert {key: peer[key] for key in ('username', 'peer_ip', 'peer_port')} == {
        'username': 'ana', 'peer_ip': '10.0.0.1', 'peer_port': 50051}
    by_name = {entry['name']: entry for entry in peer['files']}
    assert by_name['a/b.txt'] == {'name': 'a/b.txt', 'size': 7, 'content_id': ID_B}
    assert by_name['name only'] == {'name': 'name only'}
    text = directory.state_file.read_text()
    assert 'secreto' not in text and login['token'] not in text


def test_a_lease_runs_out(world):
    directory = world.directory(auth={'mode': 'open'},
                                lease={'heartbeat_seconds': 1, 'lease_seconds': 2})
    beating = directory.rest.login('ana')
    silent = directory.rest.login('luis', peer_ip='10.0.0.2')
    assert beating['lease_seconds'] == 2
    directory.rest.index(beating, ['a.txt'])
    directory.rest.index(silent, ['b.txt'])
    asked = {'peer_ip': '10.0.0.1', 'peer_port': 50051}
    assert directory.rest.post('/heartbeat', asked, beating['token']).status == 200
    wait_until(lambda: not directory.sources(None, 'a.txt'), 'the peer expires')
    assert directory.rest.post('/heartbeat', asked, beating['token']).status == 401
    assert directory.rest.post('/heartbeat', asked).status == 404
    assert len(directory.sources(None, 'b.txt')) == 1, 'it never sent a heartbeat'
