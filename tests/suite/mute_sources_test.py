"""Crowds of sources that give nothing, and one honest one among them."""
import os
import time

import pytest

from support.liar import Liar
from support.raw_peer import RawPeer
from support.waiting import PATIENCE

SMALL, LARGE = os.urandom(200_000), os.urandom(6 * 1024 * 1024 + 5)
TARPITS = {'small': 20, 'large': 60}  # one after the other they would take minutes
FILES = 40


def announced(world, directory, peer, name, username):
    world.on_close(peer.close)
    return peer.announce(directory, name, username)


def begin(world, directory, case, mutes, data):
    name = f'{case}.bin'
    for number, mute in enumerate([*mutes, Liar(data, 'none')]):
        announced(world, directory, mute, name, f'{case} {number}')
    client = world.client(directory, f'client of {case}')
    client.login(f'client of {case}')
    return client, name, data, client.begin(*client.arguments('get', name))


def finish(running, seconds):
    for client, name, data, child in running:
        done = client.finish(child, seconds)
        assert done.code == 0, (name, done)
        assert (client.shared / name).read_bytes() == data


def test_what_they_were_given_is_not_theirs_to_keep(world):
    directory = world.directory()
    started = time.monotonic()
    running = []
    for mutes in (2, 5, 12):
        for size, data in (('small', SMALL), ('large', LARGE)):
            data += str(mutes).encode()  # contents of their own
            silent = [Liar(data, 'silent from the start') for _ in range(mutes)]
            running.append(begin(world, directory, f'{mutes} mutes, {size}', silent, data))
    finish(running, 60)
    assert time.monotonic() - started < 40 * PATIENCE


@pytest.mark.parametrize('size', ['small', 'large'])
def test_tarpits_do_not_keep_an_honest_source_from_being_asked(world, size):
    directory = world.directory()
    data = SMALL if size == 'small' else LARGE
    tarpits = [RawPeer(data, 'accepts and says nothing') for _ in range(TARPITS[size])]
    finish([begin(world, directory, 'tarpits', tarpits, data)], 180)


@pytest.mark.parametrize('limit', [[], ['--limit-rate', '2M']])
def test_many_small_files_beside_mutes(world, limit):
    directory = world.directory()
    files = {f'photos/{number}.bin': os.urandom(2000 + number) for number in range(FILES)}
    honest = world.peer('ana', files, directory)
    watcher = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    for name in files:
        world.wait_for_source(directory, watcher, name, 1)
    for number in range(3):
        mute = Liar(b'', 'silent')
        world.on_close(mute.close)
        login = directory.rest.login(f'mute {number}', 'x', '127.0.0.1', peer_port=mute.port)
        rows = [row for name in files for row in directory.sources(watcher, name)]
        directory.rest.index(login, [
            {'name': row['file_name'], 'content_id': row['content_id'], 'size': row['size']}
            for row in rows if row['peer_name'] == 'ana'])
    client = world.client(directory, 'luis')
    client.login('luis')
    started = time.monotonic()
    done = client.run('get', 'photos/', *limit, seconds=120)
    assert done.code == 0, done
    assert time.monotonic() - started < 20 * PATIENCE  # of which 8 for the mute ones
    for name, data in files.items():
        assert (client.shared / name).read_bytes() == data
    assert honest.process.running()
