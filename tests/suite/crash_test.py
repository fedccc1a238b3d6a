"""kill -9 of the directory under writers: nothing acknowledged is lost, and nothing is there
by halves. TRUEQUE_CRASH_ROUNDS and TRUEQUE_CRASH_WRITERS say how often and how many."""
import http.client
import json
import os
import random
import threading

from support.waiting import wait_until

ROUNDS = int(os.environ.get('TRUEQUE_CRASH_ROUNDS', '20'))
WRITERS = int(os.environ.get('TRUEQUE_CRASH_WRITERS', '8'))
NAMES_A_REQUEST = 20
ENOUGH = 5  # requests of each writer in a round before the kill


class Writer(threading.Thread):
    """Adds and removes files of one peer over one connection, until that breaks. Knows what
    was acknowledged, and the one change that was under way."""

    def __init__(self, port, login, number, files, chance):
        super().__init__()
        self.port, self.login, self.number, self.chance = port, login, number, chance
        self.files, self.under_way = files, None
        self.acknowledged = 0

    def next_change(self):
        if self.files and self.chance.random() < 0.3:
            return 'remove', set(self.chance.sample(sorted(self.files), min(10, len(self.files))))
        return 'add', {f'w{self.number}/{self.chance.getrandbits(48)}' for _ in
                       range(NAMES_A_REQUEST)}

    def run(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        headers = {'Authorization': f'Bearer {self.login["token"]}',
                   'Content-Type': 'application/json'}
        try:
            while True:
                mode, names = self.under_way = self.next_change()
                connection.request('POST', '/indexFiles', json.dumps(
                    {'peer_ip': self.login['peer_ip'], 'peer_port': self.login['peer_port'],
                     'peer_files': sorted(names), 'mode': mode}), headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    return
                self.files = applied(self.files, self.under_way)
                self.under_way = None
                self.acknowledged += 1
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()


def applied(files, change):
    mode, names = change
    return files | names if mode == 'add' else files - names


def files_at(directory, writer):
    """What the directory has of that writer's peer."""
    found, cursor = set(), ''
    while cursor is not None:
        answer = directory.rest.post('/findFiles', {
            'folder': f'w{writer.number}', 'limit': 1000, **({'cursor': cursor} if cursor else {})},
            writer.login['token'])
        assert answer.status == 200, answer
        found |= {entry['file_name'] for entry in answer.json['files']}
        cursor = answer.json['next']
    return found


def test_nothing_acknowledged_is_lost_under_kill_9(world):
    directory = world.directory(auth={'mode': 'open'})
    chance = random.Random(5)
    logins = [directory.rest.login(f'writer{i}', peer_ip=f'10.0.1.{i + 1}') for i in range(WRITERS)]
    known = [set() for _ in logins]
    total = 0
    for number in range(ROUNDS):
        writers = [Writer(directory.port, login, i, known[i], random.Random(chance.random()))
                   for i, login in enumerate(logins)]
        for writer in writers:
            writer.start()
        enough = chance.randint(1, ENOUGH)
        wait_until(lambda: all(writer.acknowledged >= enough for writer in writers),
                   'every writer is answered')
        directory.kill()
        for writer in writers:
            writer.join()
        directory.start()
        for i, writer in enumerate(writers):
            there = files_at(directory, writer)
            allowed = [writer.files]
            if writer.under_way:
                allowed.append(applied(writer.files, writer.under_way))
            assert there in allowed, (
                f'round {number}, writer {i}: {len(writer.files - there)} acknowledged files lost, '
                f'{len(there - allowed[-1])} nobody announced')
            known[i] = there
            total += writer.acknowledged
    print(f'{ROUNDS} rounds, {WRITERS} writers: {total} acknowledged requests, none lost')
    assert directory.stop() == 0
    state = json.loads(directory.state_file.read_text())
    assert sum(len(peer['files']) for peer in state['peers']) == sum(map(len, known))
    assert not list(directory.home.glob('*.journal.*')), 'a clean stop leaves no journal'
