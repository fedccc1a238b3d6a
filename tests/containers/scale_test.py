"""compose.yaml's profile scale: three directories on one PostgreSQL, killed under load."""
import threading
import time

import pytest

from containers_test import Compose, images, inspect, run, wait_healthy  # noqa: F401
from support.ports import free_port
from support.rest import Rest
from support.waiting import wait_until

WORKERS = 4


@pytest.fixture(scope='module')
def scale(images):  # noqa: F811
    made = Compose()
    made.environment['SCALE_PORT'] = str(free_port())
    try:
        made('--profile', 'scale', 'build', 'database', 'balancer', seconds=600)
        made('--profile', 'scale', 'up', '-d', 'balancer', 'scale-peer', seconds=300)
        wait_healthy(made.container('balancer'))
        made.rest = Rest('127.0.0.1', int(made.environment['SCALE_PORT']))
        yield made
    finally:
        made('--profile', 'scale', 'down', '-v', '--remove-orphans', check=False)


class Load:
    """Peers that index one name after the other and look each up, through the balancer; each
    request that fails is made again until it is taken."""

    def __init__(self, rest):
        self.rest, self.stopping = rest, threading.Event()
        self.acknowledged = [[] for _ in range(WORKERS)]
        self.worst_tries, self.statuses, self.wrong = 0, set(), []
        self.logins = [rest.login(f'worker{n}', peer_ip=f'10.2.0.{n + 1}') for n in range(WORKERS)]
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def ask(self, path, data, token):
        for tries in range(10_000):
            try:
                answer = self.rest.post(path, data, token)
                self.statuses.add(answer.status)
                if answer.status not in (502, 503, 504):
                    self.worst_tries = max(self.worst_tries, tries)
                    return answer
            except OSError:
                self.statuses.add('lost')
            if self.stopping.wait(0.05):
                return None
        raise AssertionError('never taken')

    def work(self, number):
        login, count = self.logins[number], 0
        while not self.stopping.is_set():
            name = f'worker {number} file {count}'
            put = self.ask('/indexFiles', {'peer_ip': login['peer_ip'], 'peer_files': [name]}, login['token'])
            if put is None:
                return
            if put.status != 200:
                self.wrong.append(put)
                return
            self.acknowledged[number].append(name)
            found = self.ask('/getFiles', {'file_name': name}, login['token'])
            if found is not None and found.status != 200:
                self.wrong.append(found)
            count += 1

    def progressed(self, by=30):
        before = [len(names) for names in self.acknowledged]
        begin = time.monotonic()
        wait_until(lambda: all(len(n) >= b + by for n, b in zip(self.acknowledged, before)), 'work to go on', 60)
        return WORKERS * by / (time.monotonic() - begin)

    def end(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)
        assert self.wrong == []
        for names, login in zip(self.acknowledged, self.logins):
            for name in names:
                assert self.rest.post('/getFiles', {'file_name': name}, login['token']).status == 200, name


@pytest.fixture
def load(scale):
    made = Load(scale.rest)
    yield made
    made.stopping.set()


def test_the_peer_announces_itself_and_any_directory_knows_it(scale):
    token = scale.rest.login('eva', peer_ip='10.0.0.9')['token']
    wait_until(lambda: [row['peer_name'] for row in scale.rest.get('/peers', token).json['peers']
                        if row['files'] > 0] == ['casa'], 'the peer to have announced its folder')
    assert scale.rest.get('/search', token, q='welcome').json['files'][0]['file_name'] == 'welcome.txt'


def test_a_killed_directory_costs_no_more_than_a_retry(scale, load):
    quiet = load.progressed()
    run('docker', 'kill', scale.container('directory-1'))
    killed = load.progressed()
    load.end()
    print(f'{quiet:.0f} changes and look-ups a second before, {killed:.0f} with one of three killed; '
          f'at most {load.worst_tries} retries; answers {load.statuses}')
    assert load.worst_tries <= 1
    run('docker', 'start', scale.container('directory-1'))


def test_a_killed_database_is_503_until_it_is_back(scale, load):
    load.progressed()
    database = scale.container('database')
    run('docker', 'kill', database)
    wait_until(lambda: 503 in load.statuses, 'callers to be told', 60)
    run('docker', 'start', database)
    begin = time.monotonic()
    wait_healthy(database)
    load.progressed(by=1)
    print(f'healed {time.monotonic() - begin:.1f} s after the database was started again')
    load.progressed()
    load.end()
    assert inspect('container', scale.container('directory-2'))['RestartCount'] == 0
