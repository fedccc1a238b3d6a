"""Peers that lie, refuse or break off: alone a clear error, soon; beside an honest one
the right file, and the bad one named."""
import os
import select
import time

import pytest

from support import lies, raw_peer
from support.liar import Liar
from support.raw_peer import RawPeer
from support.waiting import PATIENCE

MIB = 1024 * 1024
PIECES = os.urandom(3 * MIB - 5)  # no piece so short that a liar gives it before it lies
ONE_PIECE = os.urandom(70_000)
ALONE_SECONDS = 20
TOGETHER_SECONDS = 20

# (lie, data, exit code alone): where a file has one piece, nobody asks for its hashes.
ROWS = ([(lie, PIECES, 6) for lie in lies.STAT]
        + [(lie, data, 6) for lie in lies.FALSE for data in (PIECES, ONE_PIECE)]
        + [(lie, PIECES, code) for lie, (_, code) in lies.REFUSALS.items()]
        + [(way, PIECES, code) for way, (_, code) in raw_peer.QUICK.items()])
each_row = pytest.mark.parametrize(
    'lie, data, code', ROWS,
    ids=[lie + (', one piece' if data is ONE_PIECE else '') for lie, data, _ in ROWS])


def left_in(folder):
    return [path for path in folder.rglob('*') if path.is_file() and path.name[0] != '.']


def shows_nothing_odd(text):
    return all(line.isprintable() for line in text.splitlines())


@pytest.fixture
def scene(world):
    class Scene:
        directory = world.directory()
        client = world.client(directory)

        @classmethod
        def peer(cls, lie, data, name='liar', **more):
            made = RawPeer(data, lie) if lie in raw_peer.QUICK else Liar(data, lie, **more)
            world.on_close(made.close)
            made.announce(cls.directory, 'a.bin', name)
            return made
    Scene.client.login()
    return Scene


@each_row
def test_alone(scene, lie, data, code):
    peer = scene.peer(lie, data)
    started = time.monotonic()
    done = scene.client.run('get', 'a.bin', '--wait', '2')
    assert done.code == code, done
    assert time.monotonic() - started < ALONE_SECONDS * PATIENCE, done
    assert shows_nothing_odd(done.err), done
    if code == 0:
        assert (scene.client.shared / 'a.bin').read_bytes() == data
    else:
        assert not left_in(scene.client.shared)
        entry = done.json['files'][0]
        assert peer.label in entry['error'], done
        told, = entry['sources']
        assert (told['peer'], told['banned']) == (peer.label, code == 6), done
        assert told['reason'] in entry['error'], done
        assert (f'Left out: {peer.label}, because it {told["reason"]}' in done.err) == (code == 6)


def read_until(child, text, seconds):
    """Standard error of a program up to where `text` is in it."""
    seen, deadline = b'', time.monotonic() + seconds * PATIENCE
    while text.encode() not in seen:
        left = deadline - time.monotonic()
        ready = select.select([child.stderr], [], [], max(0, left))[0]
        data = os.read(child.stderr.fileno(), 4096) if ready else b''
        assert data, f'{text!r} is not in {seen.decode()!r}'
        seen += data
    return seen.decode()


@each_row
def test_beside_an_honest_source(scene, lie, data, code):
    """The honest source gives nothing until the other one was caught."""
    peer = scene.peer(lie, data)
    good = scene.peer('none', data, 'honest', gated=True)
    started = time.monotonic()
    child = scene.client.begin(*scene.client.arguments('get', 'a.bin'))
    said = read_until(child, peer.label + ': ', TOGETHER_SECONDS) if code else ''
    good.open()
    done = scene.client.finish(child)
    said += done.err
    assert done.code == 0, (said, done)
    assert time.monotonic() - started < TOGETHER_SECONDS * PATIENCE, done
    assert (scene.client.shared / 'a.bin').read_bytes() == data
    assert good.label + ': ' not in said, said
    if code == 6:
        assert said.count(f'{peer.label}: ') == 1 and 'no longer asked' in said, said


@pytest.mark.parametrize('data', [PIECES, ONE_PIECE], ids=['pieces', 'one piece'])
def test_an_honest_source_among_liars_gives_the_file(scene, data):
    told = ['wrong from the start', 'one byte missing', 'more in the last chunk']
    if data is PIECES:
        told += ['hashes all wrong', 'a bigger size', 'an endless stream']
    for number, lie in enumerate(told):
        scene.peer(lie, data, f'liar-{number}')
    honest = scene.peer('none', data, 'honest')
    done = scene.client.run('get', 'a.bin')
    assert done.code == 0, done
    assert (scene.client.shared / 'a.bin').read_bytes() == data
    assert honest.asked >= 1
