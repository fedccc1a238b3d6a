"""What a peer can do wrong over gRPC, one function a lie, in tables by their kind.

A lie of STAT changes the right answer. A lie of FETCH gives the data of the chunks for
a range, or ends the call its own way; `whole` is the file, `start` and `end` the range."""
import itertools

import grpc

from .wire import file_pb

MIB = 1024 * 1024
PORTION = 64 * 1024  # small chunks, so that a lie can come in the middle of a piece
ESCAPES = '\x1b[2J\x1b]0;owned\x07\u202egpj.exe\u0085'


def _hashes(change):
    def lie(info):
        info.piece_hashes = change(info.piece_hashes)
    return lie


def _set(**members):
    def lie(info):
        for name, value in members.items():
            setattr(info, name, value)
    return lie


def _grow(by):
    def lie(info):
        info.size += by
    return lie


STAT = {
    'hashes all wrong': _hashes(lambda hashes: bytes(len(hashes))),
    'one hash wrong': _hashes(lambda hashes: hashes[:40] + bytes([hashes[40] ^ 1]) + hashes[41:]),
    'hashes swapped': _hashes(lambda hashes: hashes[32:64] + hashes[:32] + hashes[64:]),
    'a hash too few': _hashes(lambda hashes: hashes[:-32]),
    'a hash too many': _hashes(lambda hashes: hashes + hashes[:32]),
    'the padding as a hash': _hashes(lambda hashes: hashes + bytes(32)),
    'half a hash': _hashes(lambda hashes: hashes[:-16]),
    'no hashes': _hashes(lambda hashes: b''),
    'the root alone': lambda info: setattr(info, 'piece_hashes', info.content_id),
    'a bigger size': _grow(MIB),
    'a smaller size': _grow(-1),
    'a size of 2^63': _set(size=2**63),
    'a size of 2^64 - 1': _set(size=2**64 - 1),
    'no size': _set(size=0),
    'another content': _set(content_id=bytes(range(32))),
    'a short content id': _set(content_id=b'short'),
    'another piece size': _set(piece_size=2 * MIB),
    'no piece size': _set(piece_size=0),
    'an empty answer': lambda info: info.Clear(),
    'nine MiB of hashes': _hashes(lambda hashes: bytes(9 * MIB)),
    'held pieces of a wrong length': _set(held_pieces=b'\xff\xff'),
}


def _in_order(data, portion=PORTION):
    for start in range(0, len(data), portion):
        yield data[start:start + portion]


def _flip(data, at):
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1:]


def wrong_from_the_start(peer, start, end, context):
    return _in_order(_flip(peer.data[start:end], 0))


def one_bit_of_the_last_piece(peer, start, end, context):
    return _in_order(_flip(peer.data, len(peer.data) - 1)[start:end])


def right_bytes_in_the_wrong_place(peer, start, end, context):
    chunks = list(_in_order(peer.data[start:end]))
    return itertools.chain(chunks[1:], chunks[:1])


def the_start_of_the_file_for_any_place(peer, start, end, context):
    data = peer.data[1:] + peer.data[:1]
    return _in_order(data[:end - start])


def one_byte_missing(peer, start, end, context):
    return _in_order(peer.data[start:end - 1])


def nothing_at_all(peer, start, end, context):
    return iter(())


def a_hole_in_the_middle(peer, start, end, context):
    chunks = list(_in_order(peer.data[start:end]))
    return iter(chunks[:-1] if len(chunks) == 1 else chunks[:-2] + chunks[-1:])


def more_in_the_last_chunk(peer, start, end, context):
    chunks = list(_in_order(peer.data[start:end]))
    return itertools.chain(chunks[:-1], [chunks[-1] + b'!'])


def more_after_the_end(peer, start, end, context):
    return itertools.chain(_in_order(peer.data[start:end]), [b'more'])


def an_endless_stream(peer, start, end, context):
    yield from _in_order(peer.data[start:end])
    while context.is_active():
        yield bytes(MIB)


def a_chunk_over_two_mib(peer, start, end, context):
    yield (peer.data[start:end] + bytes(2 * MIB))[:2 * MIB + 1]


def a_message_over_eight_mib(peer, start, end, context):
    yield bytes(9 * MIB)


def a_small_message_that_unpacks_to_64_mib(peer, start, end, context):
    context.set_compression(grpc.Compression.Gzip)
    yield bytes(64 * MIB)


def out_of_range(peer, start, end, context):
    yield peer.data[start:start + PORTION]
    context.abort(grpc.StatusCode.OUT_OF_RANGE, 'the file is shorter')


# The peer gave what the content id does not name, or not what it was asked for: exit 6.
FALSE = {each.__name__.replace('_', ' '): each for each in (
    wrong_from_the_start, one_bit_of_the_last_piece, right_bytes_in_the_wrong_place,
    the_start_of_the_file_for_any_place, one_byte_missing, nothing_at_all, a_hole_in_the_middle,
    more_in_the_last_chunk, more_after_the_end, an_endless_stream, a_chunk_over_two_mib,
    a_message_over_eight_mib, a_small_message_that_unpacks_to_64_mib, out_of_range)}


def _abort(code, sentence, some_bytes=False):
    def lie(peer, start, end, context):
        if some_bytes:
            yield peer.data[start:start + 1000]
        context.abort(code, sentence)
    return lie


# The peer does not give the file, and says so: the exit code of a `get` from it alone.
REFUSALS = {
    'not found after a good Stat': (_abort(grpc.StatusCode.NOT_FOUND, 'gone'), 3),
    'unimplemented after a good Stat': (_abort(grpc.StatusCode.UNIMPLEMENTED, 'no such call'), 5),
    'changed after some bytes': (
        _abort(grpc.StatusCode.FAILED_PRECONDITION, 'changed', some_bytes=True), 3),
    'an error that a terminal would obey': (_abort(grpc.StatusCode.INTERNAL, ESCAPES), 5),
    'an error of 6,000 letters': (_abort(grpc.StatusCode.UNAVAILABLE, 'x' * 6000), 5),
    'an error after some bytes': (
        _abort(grpc.StatusCode.UNKNOWN, 'oh', some_bytes=True), 5),
}


def silent_from_the_start(peer, start, end, context):
    peer.closing.wait(200)
    yield from ()


def silent_after_the_first_chunk(peer, start, end, context):
    yield peer.data[start:min(end, start + PORTION)]
    peer.closing.wait(200)


def chunks_without_bytes_for_ever(peer, start, end, context):
    while context.is_active() and not peer.closing.wait(0.001):
        yield b''


def a_byte_a_second(peer, start, end, context):
    for at in range(start, end):
        yield peer.data[at:at + 1]
        if peer.closing.wait(1) or not context.is_active():
            return


RETRY_AFTER = ('200', '4294967295', '99999999999999999999', '-1', '1e3', 'soon', '')


def always_busy(peer, start, end, context):
    context.set_trailing_metadata(
        (('retry-after-ms', RETRY_AFTER[peer.asked % len(RETRY_AFTER)]),))
    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, 'all slots are taken')
    yield from ()


# The peer takes the client's time: exit 5 once that has waited long enough.
STUCK = {each.__name__.replace('_', ' '): each for each in (
    silent_from_the_start, silent_after_the_first_chunk, chunks_without_bytes_for_ever,
    a_byte_a_second, always_busy)}


def honest(peer, start, end, context):
    return _in_order(peer.data[start:end], MIB)


FETCH = {'none': honest, **FALSE, **STUCK, **{name: lie for name, (lie, _) in REFUSALS.items()}}


def chunks(lie, peer, request, context):
    """The chunks of a peer with that lie, honest where the lie is one of STAT."""
    give = FETCH.get(lie, honest)
    for data in give(peer, request.offset, request.offset + request.length, context):
        yield file_pb.Chunk(data=data)
