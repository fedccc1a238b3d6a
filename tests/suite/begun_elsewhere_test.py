"""A download killed again and again, and asked for in another way each time, goes on from
the pieces that are there."""
import os

from pieces_root import pieces_root
from support.counting_proxy import counted_source
from support.waiting import wait_until

MIB = 1024 * 1024
SIZE = 48 * MIB
DATA = os.urandom(SIZE)
ID = pieces_root(DATA)


def journals(*folders):
    return [each for folder in folders for each in folder.rglob('.*.part.pieces')]


def pieces_of(journal) -> int:
    """In the journal; its head has 32 bytes a piece."""
    return max(0, (journal.stat().st_size - 48 - SIZE // MIB * 32) // 4)


def test_each_way_of_asking_goes_on_from_what_is_there(world):
    directory = world.directory()
    proxy = counted_source(world, directory, DATA, ['sub/a.bin', 'other/b.bin'])
    client = world.client(directory)
    client.login()
    elsewhere, third = world.folder / 'elsewhere', world.folder / 'third'
    for folder in (elsewhere, third):
        folder.mkdir()
    ways = [('sub/a.bin',), ('other/b.bin',), ('--content-id', ID),
            ('sub/a.bin', '--output', elsewhere / 'c.bin'),
            ('other/b.bin', '--output', third), ('sub/a.bin',)]
    there = 0
    for way in ways:
        child = client.begin(*client.arguments('get', *way, '--limit-rate', '8M'))
        wait_until(lambda: any(pieces_of(each) >= there + 3
                               for each in journals(client.shared, elsewhere, third)),
                   f'{way} fetches three pieces more than {there}')
        child.kill()
        child.communicate()
        left = journals(client.shared, elsewhere, third)
        assert len(left) == 1, (way, left)
        there = pieces_of(left[0])
        listed = client.run('status').json['downloads']
        assert [each['path'] for each in listed] == [str(left[0])[:-len('.pieces')]], (way, listed)
    done = client.run('get', 'sub/a.bin', '--output', elsewhere / 'last.bin')
    assert done.code == 0, done
    assert 'taking up what was begun at ' in done.err and 'resuming at ' in done.err, done
    assert (elsewhere / 'last.bin').read_bytes() == DATA
    assert not journals(client.shared, elsewhere, third)
    assert client.run('status').json['downloads'] == []
    assert not list((client.home / 'state/trueque/downloads').iterdir())
    print(f'{proxy.bytes_out} bytes served for {SIZE}, {len(ways)} kills')
    assert proxy.bytes_out <= SIZE * 1.05 + len(ways) * 2 * MIB
