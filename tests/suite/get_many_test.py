"""get with many files: patterns, folders, a person, names from a pipe; one summary."""
import os
import re
import signal
import subprocess

import pytest

from support.process import BIN, clean_environment
from support.waiting import PATIENCE, wait_until

WORDS = [f'word {number}\n'.encode() for number in range(1000)]
LARGE = 96 * 1024 * 1024


@pytest.fixture
def scene(world):
    """Ana with a thousand texts and a tree of photos; clara, who fetches."""
    files = {f'text-{number}.txt': words for number, words in enumerate(WORDS)}
    files |= {'photos/1.jpg': b'one', 'photos/2024/may/2.jpg': b'two', 'photos/2024/3.jpg': b'three',
              'photos/empty': b'', 'photos/large.jpg': os.urandom(3_000_000)}

    class Scene:
        directory = world.directory()
        peer = world.peer('ana', files, directory)
        client = world.client(directory)
        token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
        photos = {name: data for name, data in files.items() if name.startswith('photos/')}
    wait_until(lambda: next((peer for peer in Scene.directory.rest.get('/peers', Scene.token).json['peers']
                             if peer['files'] == len(files)), None), 'ana announces all', 60)
    Scene.client.login()
    return Scene


def arguments(scene, *more):
    return ['get', '--config', scene.client.config, *more]


def test_a_pattern_of_one_person(scene):
    done = scene.client.run_plain(*arguments(scene, '*.txt', '--from', 'ana'))
    assert done.code == 0, done
    assert re.search(r'^Fetched 1000 files \(.*\) in .* s, .*/s\.$', done.out, re.M), done
    for number, words in enumerate(WORDS):
        assert (scene.client.shared / f'text-{number}.txt').read_bytes() == words
    assert not list(scene.client.shared.glob('.*')), 'no part is left'
    again = scene.client.run('get', '*.txt', '--from', 'ana')
    assert again.code == 0, again
    assert again.json['summary']['already'] == 1000
    nobody = scene.client.run('get', '*.txt', '--from', 'berta')
    assert (nobody.code, nobody.json['code']) == (3, 'not_found')


def test_a_folder_with_all_below_it(scene, tmp_path):
    done = scene.client.run_plain(*arguments(scene, 'photos/'))
    assert done.code == 0, done
    assert re.search(r'^Fetched 5 files ', done.out, re.M), done
    for name, data in scene.photos.items():
        assert (scene.client.shared / name).read_bytes() == data
    into = tmp_path / 'into'
    assert scene.client.run('get', 'photos/', '--output', into).code == 2
    into.mkdir()
    copied = scene.client.run('get', 'photos/', '--output', into)
    assert copied.code == 0, copied
    for name, data in scene.photos.items():
        assert (into / name).read_bytes() == data


def test_names_from_a_pipe(scene):
    names = [f'text-{number}.txt' for number in range(200)]
    child = scene.client.begin(*scene.client.arguments('get', '-'), stdin=-1)
    done = scene.client.finish(child, given='\n'.join(names + ['no such file']).encode())
    assert done.code == 3, done
    files = {file['file_name']: file for file in done.json['files']}
    assert {name for name, file in files.items() if file['result'] == 'fetched'} == set(names)
    assert files['no such file']['error'] == 'nobody shares no such file'
    entry = files['text-7.txt']
    assert entry['sources'] == [{'peer': f'ana (127.0.0.1:{scene.peer.port})',
                                 'bytes': len(WORDS[7]), 'banned': False, 'reason': None}]
    summary = done.json['summary']
    assert (summary['fetched'], summary['failed'], summary['already']) == (200, 1, 0)
    assert '; 1 failed:\n  no such file: nobody shares' in done.err


def test_one_that_fails_stops_no_other(scene):
    login = scene.directory.rest.login('liar', 'x', '127.0.0.1', peer_port=1)
    scene.directory.rest.index(login, [{'name': 'gone.txt', 'size': 5, 'content_id': 'ab' * 32}])
    done = scene.client.run('get', 'gone.txt', 'photos/', 'text-1.txt', '--wait', '2')
    assert done.code == 5, done
    assert done.err.count('; trying again') + done.err.count('; left for now') == 1, done
    results = [file['result'] for file in done.json['files']]
    assert sorted(results) == ['failed'] + ['fetched'] * 6


def test_names_that_collide(world):
    directory = world.directory()
    sizes = {'ana': 10, 'berta': 20, 'carla': 2_000_000}
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    for name, size in sizes.items():
        world.peer(name, {'d/same.bin': os.urandom(size), f'd/{name}': name.encode()}, directory)
    world.wait_for_source(directory, token, 'd/same.bin', 3)
    client = world.client(directory)
    client.login()
    done = client.run('get', 'd/')
    assert done.code == 0, done
    assert done.json['summary']['fetched'] == 6
    paths = {file['path'] for file in done.json['files']}
    assert len(paths) == 6
    same = [client.shared / 'd' / name for name in ('same.bin', 'same (2).bin', 'same (3).bin')]
    assert sorted(path.stat().st_size for path in same) == sorted(sizes.values())


def test_ctrl_c_ends_all_and_keeps_what_there_is(world):
    directory = world.directory()
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    large = {f'd/{number}.bin': os.urandom(LARGE // 3) for number in range(3)}
    world.peer('ana', large, directory, upload_rate='8M')
    for name in large:
        world.wait_for_source(directory, token, name)
    client = world.client(directory)
    client.login()
    child = client.begin(*client.arguments('get', 'd/'))
    seen = {}

    def each_has_pieces():
        """Every journal grew since it was first seen."""
        grown = [path for path in (client.shared / 'd').glob('.*.pieces')
                 if path.stat().st_size > seen.setdefault(path, path.stat().st_size)]
        return len(grown) == 3

    wait_until(each_has_pieces, 'pieces of all three')
    child.send_signal(signal.SIGINT)
    done = client.finish(child)
    assert done.code == 130, done
    assert done.json['summary']['fetched'] == 0
    assert len(list((client.shared / 'd').glob('.*.part'))) == 3, 'parts are kept'


def test_names_from_an_input_that_is_closed(scene):
    closed = ['bash', '-c', '"$@" <&-', '_', BIN / 'peer-client']
    done = subprocess.run([*closed, *scene.client.arguments('get', '-')], timeout=30 * PATIENCE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          cwd=scene.client.home, env=clean_environment(scene.client.home))
    assert done.returncode == 2, done


def test_interrupted_after_a_failure_is_interrupted(world):
    directory = world.directory()
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    world.peer('ana', {'large.bin': os.urandom(LARGE)}, directory)
    world.wait_for_source(directory, token, 'large.bin')
    client = world.client(directory)
    client.login()
    child = client.begin(*client.arguments('get', 'nothing', 'large.bin', '--limit-rate', '200k'))
    wait_until(lambda: list(client.shared.glob('.large.bin.*.part')), 'it begins')
    child.send_signal(signal.SIGINT)
    done = client.finish(child)
    assert done.code == 130, done
    assert '1 left, 1 failed' in done.err, done
