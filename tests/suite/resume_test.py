"""Downloads that were begun: status shows them, resume goes on, clean forgets them."""
import json
import os
import signal

import pytest

from pieces_root import pieces_root
from support.waiting import wait_until

MIB = 1024 * 1024
DATA = os.urandom(8 * MIB)
OTHER = os.urandom(6 * MIB)
SMALL = os.urandom(300_000)


@pytest.fixture
def scene(world):
    directory = world.directory()
    world.peer('ana', {'sub/a.bin': DATA, 'b.bin': OTHER, 'small.bin': SMALL}, directory)
    token = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    for name in ('sub/a.bin', 'b.bin', 'small.bin'):
        world.wait_for_source(directory, token, name)
    client = world.client(directory)
    client.login()
    return client


def interrupt(client, folder, name, *arguments):
    """Begins a download into the folder and stops it once some pieces are there."""
    child = client.begin(*client.arguments('get', name, '--limit-rate', '1M', *arguments))
    journal = wait_until(lambda: list(folder.rglob('.*.part.pieces')), 'it begins')[-1]
    head = wait_until(lambda: journal.stat().st_size, 'its head is there')
    wait_until(lambda: journal.stat().st_size >= head + 8, 'two pieces are there')
    child.send_signal(signal.SIGINT)
    assert client.finish(child).code == 130
    return journal


def downloads(client):
    return client.run('status').json['downloads']


def test_resume_takes_up_all_of_them(scene, world):
    elsewhere = world.folder / 'elsewhere'
    elsewhere.mkdir()
    interrupt(scene, scene.shared, 'sub/a.bin')
    interrupt(scene, elsewhere, 'b.bin', '--output', elsewhere / 'mine.bin')
    part = scene.shared / f'.small.bin.{pieces_root(SMALL)[:8]}.part'
    part.write_bytes(SMALL[:1000])
    listed = {each['file_name']: each for each in downloads(scene)}
    assert set(listed) == {'sub/a.bin', 'b.bin', 'small.bin'}, listed
    assert listed['sub/a.bin']['percent'] >= 25
    assert listed['sub/a.bin']['content_id'] == pieces_root(DATA)
    assert listed['small.bin']['percent'] is None
    shown = scene.run_plain('status', '--config', scene.config).out
    assert 'sub/a.bin' in shown and str(elsewhere) in shown and 'peer-client resume' in shown
    done = scene.run('resume')
    assert done.code == 0, done
    assert {each['result'] for each in done.json['files']} == {'fetched'}, done
    assert 'resuming at ' in done.err, done
    assert (scene.shared / 'sub/a.bin').read_bytes() == DATA
    assert (elsewhere / 'mine.bin').read_bytes() == OTHER
    assert (scene.shared / 'small.bin').read_bytes() == SMALL
    assert downloads(scene) == []
    assert not list((scene.home / 'state/trueque/downloads').iterdir())
    again = scene.run('resume')
    assert (again.code, again.json['files']) == (0, []), again


def test_one_that_nobody_shares_any_more_does_not_stop_the_others(scene):
    interrupt(scene, scene.shared, 'sub/a.bin')
    (scene.shared / '.gone.bin.01234567.part').write_bytes(b'half')
    done = scene.run('resume')
    assert done.code == 3, done
    results = {each['file_name']: each['result'] for each in done.json['files']}
    assert results == {'sub/a.bin': 'fetched', 'gone.bin': 'failed'}, done


def test_clean_forgets_and_says_what_it_freed(scene, world):
    journal = interrupt(scene, scene.shared, 'sub/a.bin')
    elsewhere = world.folder / 'elsewhere'
    elsewhere.mkdir()
    interrupt(scene, elsewhere, 'b.bin', '--output', elsewhere)
    assert scene.run('clean', 'nothing.bin').code == 3
    done = scene.run('clean', 'a.bin')
    assert done.code == 0, done
    assert done.json['freed'] >= len(DATA)
    assert 'Forgot sub/a.bin' in done.err, done
    assert not journal.exists()
    assert [each['file_name'] for each in downloads(scene)] == ['b.bin']
    assert scene.run('clean').code == 0
    assert downloads(scene) == []


def test_what_another_client_is_at_is_left_alone(scene):
    child = scene.begin(*scene.arguments('get', 'b.bin', '--limit-rate', '1M'))
    part = wait_until(lambda: list(scene.shared.glob('.b.bin.*.part.pieces')), 'it begins')[0]
    done = scene.run('clean')
    assert done.code == 1, done
    assert part.exists()
    assert scene.run('resume').code == 1
    assert scene.finish(child).code == 0
    assert (scene.shared / 'b.bin').read_bytes() == OTHER


def test_rubbish_among_the_notes_is_passed_over(scene):
    notes = scene.home / 'state/trueque/downloads'
    notes.mkdir(parents=True)
    for number, text in enumerate(('', '{', '[]', json.dumps({'file_name': '../x'}))):
        (notes / f'{number}.json').write_text(text)
    assert downloads(scene) == []
    assert scene.run('resume').code == 0
