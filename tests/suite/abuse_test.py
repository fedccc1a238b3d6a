"""Callers that cost a peer-server as much as they can, and one beside them that does not."""
import os
import resource
import subprocess
import time

import pytest

from pieces_root import pieces_root
from support.raw_caller import RawCaller
from support.waiting import PATIENCE, wait_until
from support.wire import Peer, code_of

MIB = 1024 * 1024
DATA = os.urandom(16 * MIB)
ID = pieces_root(DATA)


def resident_mib(peer) -> float:
    with open(f'/proc/{peer.process.pid}/status', encoding='ascii') as status:
        return int(next(line for line in status if line.startswith('VmHWM')).split()[1]) / 1024


def is_sanitized(peer) -> bool:
    """A sanitizer keeps much memory of its own, so that bounds say nothing there."""
    with open(f'/proc/{peer.process.pid}/maps', encoding='utf-8') as maps:
        text = maps.read()
    return 'libasan' in text or 'libtsan' in text


def assert_resident(peer, most_mib):
    assert is_sanitized(peer) or resident_mib(peer) <= most_mib


def sharing(world):
    peer = world.peer('ana', {'a.bin': DATA})
    honest = Peer(peer.port)
    world.on_close(honest.close)
    wait_until(lambda: not code_of(lambda: honest.stat(ID)).value[0], 'hashed')
    return peer, honest


@pytest.fixture
def callers(world):
    """Makes callers that are closed with the test."""
    def make(*arguments, **more):
        caller = RawCaller(*arguments, **more)
        world.on_close(caller.close)
        return caller
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    return make


def fetched_within(honest, seconds):
    started = time.monotonic()
    assert honest.fetch(ID, 0, len(DATA)) == DATA
    assert time.monotonic() - started < seconds * PATIENCE


def test_calls_that_are_taken_back_at_once_cost_little(world, callers):
    peer, honest = sharing(world)
    caller, sent, started = callers(peer.port), 0, time.monotonic()
    try:
        for _ in range(20):
            sent += caller.fetch_and_take_back(ID, len(DATA), times=5_000)
    except OSError:
        # Not again for a while, and not at the cost of others.
        with pytest.raises(OSError):
            caller = callers(peer.port)
            caller.take(caller.fetch(ID, 1))
        fetched_within(honest, 3)
    else:
        # Of calls that are answered 2 MiB a second are let through, and some MiB may not be
        # read yet; a machine that reads less anybody may keep busy, for as long as he does.
        assert sent / (time.monotonic() - started) < 3 * MIB
        caller.close()
        wait_until(lambda: not code_of(lambda: honest.fetch(ID, 0, len(DATA))).value[0],
                   'fetched in the end', 60)
    assert_resident(peer, 200)  # it was 1.9 GiB, and more with time


def test_two_hundred_that_take_nothing_keep_nobody_out(world, callers):
    peer, honest = sharing(world)
    for number in range(200):
        callers(peer.port, f'127.0.1.{1 + number}', receive_buffer=4096).fetch(ID, len(DATA))
    for _ in range(3):
        fetched_within(honest, 10)
    assert_resident(peer, 64)


def test_2500_connections_fit_and_others_get_in(world, callers):
    peer, honest = sharing(world)
    for number in range(2520):
        callers(peer.port, f'127.0.{1 + number // 500}.{1 + number // 2 % 250}')
    fetched_within(honest, 3)
    newcomer = callers(peer.port, '127.0.0.9')
    assert newcomer.take(newcomer.fetch(ID, 1)) > 0
    assert_resident(peer, 64)


def test_no_more_open_files_is_not_the_end(world, callers):
    peer = world.peer('ana', {'a.bin': DATA}, start=False)
    peer.within = ('prlimit', '--nofile=256:256')
    peer.start()
    crowd = [callers(peer.port, f'127.0.1.{1 + number}') for number in range(250)]
    for caller in crowd:
        caller.close()
    honest = Peer(peer.port)
    world.on_close(honest.close)
    wait_until(lambda: not code_of(lambda: honest.stat(ID)).value[0], 'answers')
    fetched_within(honest, 3)
    assert subprocess.run(['prlimit', f'--pid={peer.process.pid}', '--nofile'], check=True,
                          capture_output=True).stdout.count(b'256') == 2
