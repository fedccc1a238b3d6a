"""Peers that take a client's time: all at once, for each takes as long as a client
waits for progress."""
import os
import time

from support import lies, raw_peer
from support.liar import Liar
from support.raw_peer import RawPeer
from support.waiting import PATIENCE

DATA = os.urandom(2 * 1024 * 1024 + 5)
ALONE_SECONDS = 130  # a minute without progress, and what ended just before it
TOGETHER_SECONDS = 60  # less than giving up
UNANSWERED_SECONDS = 14  # 8 for an answer, those of --wait, and for the program
MUTE = ['silent from the start', 'accepts and says nothing', 'speaks HTTP/2 and nothing more',
        'never accepts']
LIES = {**{lie: 5 for lie in ('silent', 'busy', *lies.STUCK)},
        **{way: code for way, (_, code) in raw_peer.STUCK.items()}}


def begin(world, directory, lie, honest, *arguments):
    name = f'{lie} {"beside an honest one" if honest else "alone"}'.replace('/', '-')
    client = world.client(directory, name)
    client.login(f'client of {name}')
    data = DATA + name.encode()  # contents of their own
    for each in [lie, 'none'] if honest else [lie]:
        peer = RawPeer(data, each) if each in raw_peer.STUCK else Liar(data, each)
        world.on_close(peer.close)
        peer.announce(directory, name, f'{name}: {each}')
    return client, name, data, client.begin(*client.arguments('get', name, *arguments))


def test_beside_an_honest_source(world):
    directory = world.directory()
    started = time.monotonic()
    running = [begin(world, directory, lie, True) for lie in LIES]
    for client, name, data, child in running:
        done = client.finish(child, TOGETHER_SECONDS)
        assert done.code == 0, (name, done)
        assert (client.shared / name).read_bytes() == data
    assert time.monotonic() - started < TOGETHER_SECONDS * PATIENCE


def test_alone(world):
    directory = world.directory()
    running = {lie: begin(world, directory, lie, False) for lie in LIES}
    for lie, (client, name, _, child) in running.items():
        done = client.finish(child, ALONE_SECONDS)
        assert done.code == LIES[lie], (name, done)
        assert not [path for path in client.shared.iterdir() if path.name[0] != '.'], name


def test_what_never_answers_takes_its_answers_time_and_the_wait(world):
    directory = world.directory()
    for lie in MUTE:
        _, name, _, child = begin(world, directory, lie, False, '--wait', '2')
        started = time.monotonic()
        assert child.wait(ALONE_SECONDS) == 5, name
        assert time.monotonic() - started < UNANSWERED_SECONDS * PATIENCE, name
