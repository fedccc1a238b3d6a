"""What happens to a source in the middle of a download: its file changes, it is killed
and comes back, its network goes away for a while."""
import os
import time

import pytest

from pieces_root import pieces_root
from support import cable
from support.liar import Liar
from support.ports import free_port
from support.waiting import wait_until

MIB = 1024 * 1024
BIG = os.urandom(24 * MIB)
OTHER = os.urandom(24 * MIB)
RATE = 4 * MIB  # bytes a second: the download lasts long enough to have a middle
CUT_SECONDS = 10


@pytest.fixture
def scene(world):
    class Scene:
        directory = world.directory()
        client = world.client(directory)
        child = None

        @classmethod
        def announce(cls, name, port, ip='127.0.0.1'):
            login = cls.directory.rest.login(name, 'x', ip, peer_port=port)
            cls.directory.rest.index(login, [{'name': 'a.bin', 'size': len(BIG),
                                              'content_id': pieces_root(BIG)}])

        @classmethod
        def peer(cls, start=True):
            """A peer-server whose file takes a few seconds."""
            made = world.peer('ana', {'a.bin': BIG}, start=start, upload_rate=RATE)
            if start:
                made.process.wait_for('folder_ready')
            cls.announce('ana', made.port)
            return made

        @classmethod
        def honest(cls):
            """Another source, which gives nothing until open()."""
            made = Liar(BIG, 'none', gated=True)
            world.on_close(made.close)
            made.announce(cls.directory, 'a.bin', 'honest')
            return made

        @classmethod
        def begin(cls, *options):
            """Begins a download and waits for its middle."""
            cls.child = cls.client.begin(*cls.client.arguments('get', 'a.bin', *options))
            wait_until(lambda: cls.child.poll() is not None or cls.pieces_noted() >= 4,
                       'four pieces are there')
            assert cls.child.poll() is None, 'the download was over before its middle'

        @classmethod
        def pieces_noted(cls):
            for journal in cls.client.shared.glob('.a.bin.*.part.pieces'):
                head = 4 + 32 + 8 + 4 + 32 * (len(BIG) // MIB)
                return (journal.stat().st_size - head) // 4
            return 0

        @classmethod
        def end(cls, seconds=100):
            return cls.client.finish(cls.child, seconds)

        @classmethod
        def is_right(cls):
            return (cls.client.shared / 'a.bin').read_bytes() == BIG
    Scene.client.login()
    return Scene


def overwrite(path):
    path.write_bytes(OTHER)


def shrink(path):
    os.truncate(path, 5 * MIB)


def replace(path):
    other = path.with_name('.other')
    other.write_bytes(OTHER)
    other.rename(path)


CHANGES = [overwrite, shrink, os.unlink, replace]
CHANGE_NAMES = ['overwritten', 'shrunk', 'deleted', 'replaced']


@pytest.mark.parametrize('change', CHANGES, ids=CHANGE_NAMES)
def test_another_source_takes_over_when_the_file_changes(scene, change):
    peer, other = scene.peer(), scene.honest()
    scene.begin()
    change(peer.shared / 'a.bin')
    other.open()
    done = scene.end()
    assert done.code == 0, done
    assert scene.is_right()


@pytest.mark.parametrize('change', CHANGES, ids=CHANGE_NAMES)
def test_alone_a_changed_file_is_an_error_and_what_was_fetched_is_kept(scene, change):
    peer = scene.peer()
    scene.begin('--wait', '2')
    change(peer.shared / 'a.bin')
    done = scene.end()
    # 0: what is open stays readable where the file itself was not touched.
    touched = change in (overwrite, shrink)
    assert done.code in ((3, 6) if touched else (0, 3)), done
    assert 'ana (127.0.0.1' in done.json['files'][0]['error'] if done.code else scene.is_right()
    # The right file again, and it goes on from there.
    peer.stop()
    (peer.shared / 'a.bin').write_bytes(BIG)
    peer.start()
    again = scene.client.run('get', 'a.bin')
    assert again.code == 0 and scene.is_right(), again
    assert done.code == 0 or 'resuming at' in again.err, again


def test_a_source_that_is_killed_and_comes_back_is_used_again(scene):
    peer = scene.peer()
    scene.begin()
    peer.kill()
    noted = scene.pieces_noted()
    peer.start()
    done = scene.end()
    assert done.code == 0 and scene.is_right(), done
    assert noted < len(BIG) // MIB, 'it was killed in the middle'


@pytest.mark.skipif(not cable.possible(), reason='a network of its own needs root and `ip`')
def test_a_download_goes_on_after_the_network_was_away(world, scene):
    line = cable.Cable()
    world.on_close(line.close)
    peer = scene.peer(start=False)
    peer.sections['peer_server'].update(host=line.far, port=free_port())
    peer.within = line.within
    peer.start()
    peer.process.wait_for('folder_ready')
    world.on_close(peer.kill)
    scene.announce('far', peer.sections['peer_server']['port'], line.far)
    scene.begin()
    line.pull()
    time.sleep(CUT_SECONDS)  # a cut of that length is the case
    noted = scene.pieces_noted()
    assert noted < len(BIG) // MIB
    line.plug_in()
    done = scene.end()
    assert done.code == 0 and scene.is_right(), done
