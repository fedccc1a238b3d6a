"""A download that is killed again and again fetches hardly a byte twice."""
"""A download that is killed again and again fetches hardly a byte twice."""
import os
import random
import threading

from support.counting_proxy import counted_source

MIB = 1024 * 1024
SIZE = 96 * MIB
KILLS = 20


def test_twenty_kills_cost_hardly_a_byte(world):
    seed = int.from_bytes(os.urandom(4), 'big')
    print(f'seed {seed}')
    chance = random.Random(seed)
    data = chance.randbytes(SIZE)
    directory = world.directory()
    proxy = counted_source(world, directory, data, ['a.bin'])
    client = world.client(directory)
    client.login()
    for number in range(KILLS):
        # Under a limit, so that it lasts; a moment is random, not a condition to wait for.
        child = client.begin(*client.arguments('get', 'a.bin', '--limit-rate', '4M'))
        threading.Event().wait(chance.uniform(0.2, 1.4))
        assert child.poll() is None, (number, client.finish(child))
        child.kill()
        child.communicate()
        assert not (client.shared / 'a.bin').exists()
    served_before = proxy.bytes_out
    assert served_before > 5 * MIB, 'the kills came before anything was fetched'
    done = client.run('get', 'a.bin', seconds=120)
    assert done.code == 0, done
    assert 'resuming at ' in done.err, done
    assert (client.shared / 'a.bin').read_bytes() == data
    print(f'{proxy.bytes_out} bytes served for {SIZE}, {served_before} of them before the last run')
    assert proxy.bytes_out <= SIZE * 1.05
