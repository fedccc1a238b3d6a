"""A disk that is full, or fills up: nothing is lost, and with room made it goes on."""
import ctypes
import os
import subprocess

from support.small_disk import disk  # noqa: F401 (a fixture)
from support.waiting import wait_until

MIB = 1024 * 1024


def scene(world, data):
    directory = world.directory()
    world.peer('ana', {'a.bin': data}, directory)
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    world.wait_for_source(directory, token, 'a.bin')
    client = world.client(directory)
    client.login()
    return client


def test_too_small_a_disk_is_found_before_the_first_byte(world, disk):
    data = os.urandom(6 * MIB)
    client = scene(world, data)
    folder = disk(world.folder / 'small', 4)
    done = client.run('get', 'a.bin', '--output', str(folder))
    assert done.code == 74, done
    assert '6.0 MiB more are needed and 4.0 MiB are free; free another 2.0 MiB' in done.err, done
    assert '--output' in done.err, done
    assert list(folder.iterdir()) == []
    (folder / 'another').write_bytes(b'mine')
    subprocess.run(['mount', '-o', 'remount,size=16m', str(folder)], check=True)
    done = client.run('get', 'a.bin', '--output', str(folder))
    assert done.code == 0, done
    assert (folder / 'a.bin').read_bytes() == data
    assert (folder / 'another').read_bytes() == b'mine'


def test_what_just_fits_is_fetched(world, disk):
    data = os.urandom(6 * MIB)
    client = scene(world, data)
    folder = disk(world.folder / 'small', 7)
    for kib, code in ((6 * 1024, 74), (6 * 1024 + 4, 0)):  # its journal is a page
        subprocess.run(['mount', '-o', f'remount,size={kib}k', str(folder)], check=True)
        done = client.run('get', 'a.bin', '--output', str(folder))
        assert done.code == code, done
    assert (folder / 'a.bin').read_bytes() == data


def take_the_room_back(part, journal, head, pieces):
    """Frees the room of pieces that are not there yet, as on a disk that cannot reserve any,
    and gives it to another file."""
    there = journal.read_bytes()[head:]
    verified = {int.from_bytes(there[at:at + 4], 'little') for at in range(0, len(there), 4)}
    libc = ctypes.CDLL(None, use_errno=True)
    with open(part, 'r+b') as out:
        for piece in set(range(pieces)) - verified:
            # FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
            failed = libc.fallocate(out.fileno(), 3, ctypes.c_long(piece * MIB), ctypes.c_long(MIB))
            assert failed == 0, os.strerror(ctypes.get_errno())
    hog = os.open(part.with_name('hog'), os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(hog, bytes(4096))
    except OSError:
        os.close(hog)


def test_a_disk_that_fills_up_keeps_what_is_there(world, disk):
    data = os.urandom(12 * MIB)
    client = scene(world, data)
    folder = disk(world.folder / 'small', 16)
    child = client.begin(*client.arguments('get', 'a.bin', '--output', str(folder),
                                           '--limit-rate', '1M'))
    journal = wait_until(lambda: list(folder.glob('.a.bin.*.part.pieces')), 'it begins')[0]
    head = wait_until(lambda: journal.stat().st_size, 'its head is there')
    wait_until(lambda: journal.stat().st_size >= head + 8, 'two pieces are there')
    part = journal.with_name(journal.name.removesuffix('.pieces'))
    take_the_room_back(part, journal, head, 12)
    done = client.finish(child, 40)
    assert done.code == 74, done
    assert 'No space left' in done.err and 'make room' in done.err, done
    assert part.exists() and journal.exists()
    (folder / 'hog').unlink()
    done = client.run('get', 'a.bin', '--output', str(folder))
    assert done.code == 0, done
    assert 'resuming at ' in done.err, done
    assert (folder / 'a.bin').read_bytes() == data


def test_several_at_once_leave_each_other_their_room(world, disk):
    files = {f'q{number}.bin': os.urandom(3 * MIB) for number in range(5)}
    directory = world.directory()
    world.peer('ana', files, directory)
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    for name in files:
        world.wait_for_source(directory, token, name)
    client = world.client(directory)
    client.login()
    folder = disk(world.folder / 'small', 11)
    done = client.run('get', 'q*.bin', '--output', str(folder))
    assert done.code == 74, done
    assert done.json['summary']['fetched'] == 3, done
    whole = [path for path in folder.iterdir() if not path.name.startswith('.')]
    assert all(path.read_bytes() == files[path.name] for path in whole), done
