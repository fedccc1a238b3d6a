"""Directories side by side on one PostgreSQL: what one acknowledged the others know, and
neither a killed directory nor a killed database loses any of it."""
import json
import threading

import pytest

import postgres_cluster
from announce_test import digest_of
from pieces_root import pieces_root
from support.process import Process
from support.waiting import wait_until

pytestmark = pytest.mark.skipif(not postgres_cluster.is_installed(), reason='no PostgreSQL here')


@pytest.fixture(scope='module')
def database():
    cluster = postgres_cluster.Cluster(careless=False)
    yield cluster
    cluster.stop()


@pytest.fixture
def url(database, request):
    """Of an empty database."""
    return database.new_database(f'test{abs(hash(request.node.name))}')


@pytest.fixture
def two(world, url):
    storage = {'backend': 'postgres', 'postgres_url': url}
    return [world.directory(f'directory{i}', storage=storage, lease={'heartbeat_seconds': 1, 'lease_seconds': 3})
            for i in range(2)]


def test_what_one_directory_knows_the_other_knows(two):
    one, other = two
    ana = one.rest.login('ana')
    assert other.rest.post('/login', {'username': 'ana', 'password': 'wrong', 'peer_ip': '10.0.0.1'}).status == 401
    content = 'ab' * 32
    files = [{'name': 'papers/Résumé 2024.pdf', 'size': 7, 'content_id': content}, 'plain.txt']
    assert other.rest.index(ana, files) == 2
    token = ana['token']
    row = one.sources(token, 'Résumé 2024.pdf')[0]
    assert (row['peer_name'], row['file_name'], row['size'], row['content_id']) == (
        'ana', 'papers/Résumé 2024.pdf', 7, content)
    hits = one.rest.get('/search', token, q='papers 2024').json['files']
    assert [hit['file_name'] for hit in hits] == ['papers/Résumé 2024.pdf']
    listed = other.rest.post('/findFiles', {'folder': 'papers'}, token).json
    assert [file['file_name'] for file in listed['files']] == ['papers/Résumé 2024.pdf']
    one.restart()
    assert one.rest.get('/stats', token).json['files'] == 2
    assert other.rest.post('/logout', {'peer_ip': '10.0.0.1'}, token).status == 200
    assert one.rest.get('/stats', token).status == 401
    bob = one.rest.login('bob', peer_ip='10.0.0.2')['token']
    assert one.rest.get('/peers', bob).json['peers'][0]['peer_name'] == 'bob'


def test_what_a_peer_shares_is_one_number_with_all_of_them(two):
    one, other = two
    files = {'a.txt': b'a', 'sub/ñandú.txt': b'bb', 'placeholder': None}
    login = one.rest.login('ana')
    assert (login['files'], login['digest']) == (0, '0' * 32)
    one.rest.index(login, [
        {'name': name, 'size': len(data), 'content_id': pieces_root(data)} if data is not None
        else name for name, data in files.items()])

    def beat(directory):
        return directory.rest.post('/heartbeat', {'peer_ip': '10.0.0.1'}, login['token']).json
    first = beat(one)
    assert (first['files'], first['digest']) == (3, digest_of(files))
    assert first['revision'] > login['revision']
    assert beat(other) == first
    other.rest.post('/indexFiles', {'peer_ip': '10.0.0.1', 'peer_files': ['a.txt'], 'mode': 'remove'},
                    login['token'])
    del files['a.txt']
    after = beat(one)
    assert (after['files'], after['digest']) == (2, digest_of(files))
    assert after['revision'] > first['revision']
    one.restart()
    assert beat(one) == after
    again = other.rest.login('ana')
    assert {key: again[key] for key in ('files', 'revision', 'digest')} == \
        {key: after[key] for key in ('files', 'revision', 'digest')}


def test_a_lease_ends_for_all_at_once(two):
    one, other = two
    watcher = one.rest.login('eva', peer_ip='10.0.0.9')['token']
    ana = one.rest.login('ana')['token']
    assert other.rest.post('/heartbeat', {'peer_ip': '10.0.0.1'}, ana).status == 200
    wait_until(lambda: other.rest.get('/stats', watcher).json['peers'] == 1, 'the lease to end')
    assert one.rest.get('/stats', ana).status == 401


class Writer:
    """Indexes one name after the other, at whichever directory answers."""

    def __init__(self, directories, number):
        self.directories, self.ip = directories, f'10.1.0.{number + 1}'
        self.token = directories[0].rest.login(f'writer{number}', peer_ip=self.ip)['token']
        self.acknowledged, self.refused, self.statuses = [], 0, set()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        number = 0
        while not self.stopping.is_set():
            name = f'file {number}'
            if self.put(name):
                self.acknowledged.append(name)
            number += 1

    def put(self, name):
        for directory in self.directories:
            try:
                answer = directory.rest.post('/indexFiles', {'peer_ip': self.ip, 'peer_files': [name]}, self.token)
            except OSError:
                continue
            self.statuses.add(answer.status)
            if answer.status == 200:
                return True
            assert answer.status == 503 and int(answer.headers['retry-after']) > 0, answer
        self.refused += 1
        return False

    def stop(self):
        self.stopping.set()
        self.thread.join(60)
        assert not self.thread.is_alive()

    def lost(self, directory):
        names = set()
        cursor = ''
        while cursor is not None:
            page = directory.rest.post('/findFiles', {'peer_name': f'writer{int(self.ip.split(".")[3]) - 1}',
                                                      'cursor': cursor}, self.token).json
            names |= {file['file_name'] for file in page['files']}
            cursor = page['next']
        return set(self.acknowledged) - names


@pytest.fixture
def writers(two):
    made = [Writer(two, number) for number in range(4)]
    yield made
    for writer in made:
        writer.stopping.set()


def progressed(writers, by=20):
    before = [len(writer.acknowledged) for writer in writers]
    wait_until(lambda: all(len(w.acknowledged) >= b + by for w, b in zip(writers, before)), 'writes to go on')


def end(writers, directory):
    for writer in writers:
        writer.stop()
    # A directory nobody asked since may still say for a moment that the database is away.
    wait_until(lambda: directory.rest.get('/readyz').status == 200, 'the directory to be ready')
    assert [writer.lost(directory) for writer in writers] == [set()] * len(writers)


def test_a_killed_directory_loses_nothing_and_holds_nobody_up(two, writers):
    progressed(writers)
    two[0].kill()
    progressed(writers)
    two[0].start()
    progressed(writers)
    end(writers, two[0])
    assert [writer.refused for writer in writers] == [0] * 4, 'the other one took every write'


@pytest.mark.parametrize('how', ['kill', 'shut_down'])
def test_a_database_that_goes_is_503_and_healed_when_it_is_back(two, writers, database, how):
    progressed(writers)
    getattr(database, how)()
    wait_until(lambda: all(503 in writer.statuses for writer in writers), 'each writer to be told')
    for directory in two:
        assert directory.rest.get('/healthz').status == 200
        answer = directory.rest.get('/stats', writers[0].token)
        assert answer.status == 503 and int(answer.headers['retry-after']) > 0
    database.start()
    progressed(writers)
    end(writers, two[1])


def test_a_directory_moves_between_its_backends(world, url, tmp_path):
    files = world.directory()
    ana = files.rest.login('ana')
    assert files.rest.index(ana, ['plain.txt', {'name': 'a/b', 'size': 3, 'content_id': 'cd' * 32}]) == 2
    assert files.rest.post('/heartbeat', {'peer_ip': '10.0.0.1'}, ana['token']).status == 200
    assert files.stop() == 0

    def command(server, *words):
        process = Process('main-server', [*words, '--config', server.home / 'settings.ini'], server.home)
        return process.wait_for_end(), process.output()

    backup = tmp_path / 'backup.json'
    assert command(files, 'export', backup)[0] == 0
    base = world.directory('with-database', start=False, storage={'backend': 'postgres', 'postgres_url': url})
    base.start().stop()  # writes its settings
    code, said = command(base, 'import', backup)
    assert (code, 'Imported 1 peer, 2 files, 1 session, 1 account' in said) == (0, True), said
    code, said = command(base, 'import', backup)
    assert code == 1 and 'already' in said
    base.start()
    assert base.rest.get('/stats', ana['token']).json['files'] == 2, 'the token goes on to work'
    assert base.rest.post('/login', {'username': 'ana', 'password': 'wrong', 'peer_ip': '10.0.0.1'}).status == 401
    back = tmp_path / 'back.json'
    assert command(base, 'export', back)[0] == 0
    before, after = json.loads(backup.read_text()), json.loads(back.read_text())
    for document in (before, after):
        for peer in document['peers']:
            peer['files'].sort(key=lambda file: file['name'])
    assert after == before


def test_a_database_that_is_not_there_is_said_and_nothing_secret(tmp_path):
    process = Process('main-server', ['--backend', 'postgres', '--port', '0', '--postgres-url',
                                      'postgresql://trueque:hush-hush@127.0.0.1:1/x'], tmp_path)
    assert process.wait_for_end() == 5
    assert '127.0.0.1' in process.output() and 'hush' not in process.output()


def test_accounts_are_added_beside_a_server(two, tmp_path):
    password = tmp_path / 'password'
    password.write_text('secreto\n')
    process = Process('main-server', ['add-user', 'carol', '--password-file', password, '--config',
                                      two[0].home / 'settings.ini'], tmp_path)
    assert process.wait_for_end() == 0, process.output()
    assert two[1].rest.login('carol', 'secreto', peer_ip='10.0.0.3')


