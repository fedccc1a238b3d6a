"""The directory on a disk that is full, fills up, or takes no writes: changes get 503 with
the reason, lookups go on, nothing acknowledged is lost, and it heals by itself."""
import subprocess

from support.small_disk import disk  # noqa: F401 (a fixture)
from support.waiting import wait_until

PEER = {'peer_ip': '10.0.0.1'}


def directory_on(world, disk, mib):
    """A directory whose state, and nothing else, is on a disk of its own."""
    directory = world.directory(start=False, auth={'mode': 'open'})
    directory.disk = disk(directory.home / 'state', mib)
    directory.sections['storage']['path'] = directory.disk / 'logged_peers.json'
    directory.start()
    directory.rest.login()
    assert index(directory, ['first.txt']).status == 200
    return directory


def files_of(number):
    return [f'{number:05d}/{"x" * 200}/{i}' for i in range(100)]


def index(directory, names, mode='add'):
    return directory.rest.post('/indexFiles', {**PEER, 'peer_files': names, 'mode': mode})


def is_refused(directory, answer, reason):
    assert answer.status == 503, answer
    assert int(answer.headers['retry-after']) >= 1
    assert reason in answer.json['error'] and str(directory.home) not in answer.text, answer
    assert len(directory.sources(None, 'first.txt')) == 1, 'lookups go on'
    assert directory.rest.get('/healthz').status == 200
    return True


def first_refusal(directory):
    answers = [index(directory, ['late.txt'], mode) for mode in ('add', 'remove')]
    return next((answer for answer in answers if answer.status == 503), None)


def restarted_after_kill(directory):
    directory.kill()
    directory.start()
    return directory.rest.get('/stats').json['files']


def test_a_disk_that_fills_up(world, disk):
    directory = directory_on(world, disk, 3)
    acknowledged = 1
    for number in range(400):
        answer = index(directory, files_of(number))
        if answer.status != 200:
            break
        acknowledged += 100
    is_refused(directory, answer, 'No space left on device')
    assert directory.rest.get('/stats').json['files'] == acknowledged
    assert 'changes_refused' in directory.process.output()

    subprocess.run(['mount', '-o', 'remount,size=64m', str(directory.disk)], check=True)
    assert index(directory, ['more.txt']).status == 200, 'it heals by itself'
    assert 'changes_saved_again' in directory.process.output()
    assert restarted_after_kill(directory) == acknowledged + 1


def test_a_full_disk_that_gets_no_room_loses_nothing(world, disk):
    directory = directory_on(world, disk, 8)
    hog = directory.disk / 'hog'
    with open(hog, 'wb', buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            pass
    refused = wait_until(
        lambda: (answer := index(directory, files_of(1))).status == 503 and answer, 'it is refused')
    is_refused(directory, refused, 'No space left on device')
    before = directory.rest.get('/stats').json['files']
    hog.unlink()
    assert restarted_after_kill(directory) == before
    assert index(directory, ['healed.txt']).status == 200


def test_a_disk_that_takes_no_writes(world, disk):
    directory = directory_on(world, disk, 8)
    place = str(directory.disk)
    subprocess.run(['mount', '--bind', place, place], check=True)
    world.on_close(lambda: subprocess.run(['umount', '-l', place], check=False))
    subprocess.run(['mount', '-o', 'remount,bind,ro', place], check=True)
    # The file that is open still takes changes, to the next cut of the journal.
    refused = wait_until(lambda: first_refusal(directory), 'it is refused')
    is_refused(directory, refused, 'Read-only file system')
    before = directory.rest.get('/stats').json['files']
    subprocess.run(['umount', place], check=True)
    assert index(directory, ['healed.txt']).status == 200
    assert restarted_after_kill(directory) == before + 1
