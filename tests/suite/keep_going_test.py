"""Downloads under a limit, and downloads whose sources go and come back."""
import os
import time

from support.liar import Liar
from support.waiting import PATIENCE, wait_until

MIB = 1024 * 1024
DATA = os.urandom(20 * MIB)


def watcher(directory):
    return directory.rest.login('watcher', 'x', '10.9.9.9')['token']


def scene(world, data=DATA, **keys):
    directory = world.directory()
    peer = world.peer('ana', {'a.bin': data}, directory)
    world.wait_for_source(directory, watcher(directory), 'a.bin')
    client = world.client(directory, **keys)
    client.login()
    return directory, peer, client


def lines_with(done, text):
    return [line for line in done.err.splitlines() if text in line]


def test_a_limit_is_kept(world):
    _, peer, client = scene(world)
    started = time.monotonic()
    done = client.run('get', 'a.bin', '--limit-rate', '5M')
    took = time.monotonic() - started
    assert done.code == 0, done
    assert (client.shared / 'a.bin').read_bytes() == DATA
    # 4 s at the limit; what comes on top is the start of the program and the hand-over to
    # the peer-server beside, which is not there.
    assert 3.6 <= took <= 4.4 + 1.5 * PATIENCE, done
    assert not lines_with(done, 'trying again'), done


def test_the_configured_limit_holds_for_the_menu_too_and_the_flag_beats_it(world):
    _, _, client = scene(world, DATA[:3 * MIB], download_rate='1M')
    started = time.monotonic()
    assert client.run('get', 'a.bin').code == 0
    assert time.monotonic() - started >= 2.5
    (client.shared / 'a.bin').unlink()
    started = time.monotonic()
    assert client.run('get', 'a.bin', '--limit-rate', '0').code == 0
    assert time.monotonic() - started < 2.5 * PATIENCE


def test_a_rate_or_a_wait_that_is_none_is_2(world):
    client = world.client(world.directory())
    for arguments in (['--limit-rate', 'fast'], ['--limit-rate', '5X'], ['--wait', '-1'],
                      ['--wait', 'long']):
        done = client.run('get', 'a.bin', *arguments)
        assert done.code == 2, (arguments, done)


def test_a_source_that_comes_back_is_waited_for(world):
    _, peer, client = scene(world)
    child = client.begin(*client.arguments('get', 'a.bin', '--limit-rate', '4M'))
    part = wait_until(lambda: list(client.shared.glob('.a.bin.*.part.pieces')), 'it begins')[0]
    size = part.stat().st_size
    wait_until(lambda: part.stat().st_size > size, 'a piece is there')
    peer.kill()
    log = []

    def told():
        log.append(os.read(child.stderr.fileno(), 65536).decode())
        return 'waiting up to 60 s for a source of a.bin: ana (127.0.0.1:' in ''.join(log)
    wait_until(told, lambda: ''.join(log))
    peer.start()
    done = client.finish(child)
    said = ''.join(log) + done.err
    assert done.code == 0, done
    assert said.count('waiting up to') == 1, said
    assert said.count('going on with a.bin, from ana (127.0.0.1:') == 1, said
    assert (client.shared / 'a.bin').read_bytes() == DATA


def test_another_source_takes_over_while_it_waits(world):
    directory, peer, client = scene(world, DATA[:5 * MIB])
    peer.kill()
    child = client.begin(*client.arguments('get', 'a.bin'))
    wait_until(lambda: b'waiting up to' in os.read(child.stderr.fileno(), 65536), 'it waits')
    other = Liar(DATA[:5 * MIB], 'none')
    world.on_close(other.close)
    other.announce(directory, 'a.bin', 'luis')
    done = client.finish(child)
    assert done.code == 0, done
    assert 'from luis (' in done.err, done


def test_without_a_wait_it_gives_up_at_once(world):
    _, peer, client = scene(world, DATA[:MIB])
    peer.kill()
    started = time.monotonic()
    done = client.run('get', 'a.bin', '--wait', '0')
    assert done.code == 5, done
    assert time.monotonic() - started < 5 * PATIENCE
    assert 'waiting' not in done.err, done


def test_liars_alone_are_not_waited_for(world):
    directory = world.directory()
    liar = Liar(DATA[:3 * MIB], 'wrong from the start')
    world.on_close(liar.close)
    liar.announce(directory, 'a.bin')
    client = world.client(directory)
    client.login()
    started = time.monotonic()
    assert client.run('get', 'a.bin').code == 6
    assert time.monotonic() - started < 10 * PATIENCE


def test_a_directory_that_is_gone_at_the_end_costs_the_listing_alone(world):
    directory, _, client = scene(world, DATA[:4 * MIB])
    child = client.begin(*client.arguments('get', 'a.bin', '--limit-rate', '1M'))
    wait_until(lambda: list(client.shared.glob('.a.bin.*.part')), 'it begins')
    directory.kill()
    done = client.finish(child)
    assert done.code == 0, done
    assert 'not indexed' in done.err or 'not be indexed' in done.err, done
    assert (client.shared / 'a.bin').read_bytes() == DATA[:4 * MIB]
    directory.start()
    assert client.run('status').json['logged_in'] is True


def test_a_directory_that_hangs_does_not_hold_up_the_end(world):
    directory, peer, client = scene(world, DATA[:3 * MIB])
    child = client.begin(*client.arguments('get', 'a.bin', '--limit-rate', '200k'))
    wait_until(lambda: list(client.shared.glob('.a.bin.*.part')), 'it begins')
    os.kill(directory.process.pid, 19)  # SIGSTOP: connections are taken, answers never come
    try:
        path = client.shared / 'a.bin'
        wait_until(path.exists, 'all is there', 40)
        # The refresh that was asked after 10 s still hangs at the end, after 15 s.
        started = time.monotonic()
        done = client.finish(child)
        assert time.monotonic() - started < 4 * PATIENCE, done
    finally:
        os.kill(directory.process.pid, 18)
    assert done.code == 0, done
    assert path.read_bytes() == DATA[:3 * MIB]
