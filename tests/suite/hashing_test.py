"""How peers hash their folders: on all cores, and on where an earlier run was ended."""
import re

from support.waiting import wait_until
from support.wire import Peer

MIB = 1024 * 1024
SIZE = 4096 * MIB
# The content id of SIZE zeros: each node of its tree is made of two that are alike.
ZEROS = '199a232ea3cc6efa07a08151b47f9de9c8401c7326c32c186f34797146545a97'


def cache_bytes(server):
    return sum(path.stat().st_size for path in server.home.rglob('*.hashes'))


def hashed_bytes(server):
    return int(re.search(r'folder_ready .*hashed_bytes=(\d+)', server.process.output()).group(1))


def test_a_large_file_is_hashed_on_where_it_was_left(world):
    server = world.peer(start=False)
    with open(server.shared / 'large', 'wb') as large:
        large.truncate(SIZE)
    server.start()
    # A record of 64 pieces, 4 MiB each.
    wait_until(lambda: cache_bytes(server) > 64 * 32, 'some of it is in the cache', seconds=60)
    server.kill()
    assert 'folder_ready' not in server.process.output(), 'it was stopped too late'
    server.start()
    server.process.wait_for('folder_ready', seconds=60)
    assert 0 < hashed_bytes(server) <= SIZE - 256 * MIB
    caller = Peer(server.port)
    assert caller.stat(ZEROS).file_name == 'large'
    caller.close()
