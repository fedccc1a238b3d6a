"""The pieces root of BEP 52, written as the text of the BEP reads; the tests'
independent source of expected content ids."""
import hashlib

BLOCK = 16 * 1024


def pieces_root(data: bytes) -> str:
    layer = [hashlib.sha256(data[i:i + BLOCK]).digest() for i in range(0, len(data), BLOCK)]
    if not layer:
        return bytes(32).hex()
    width = 1
    while width < len(layer):
        width *= 2
    layer += [bytes(32)] * (width - len(layer))
    while len(layer) > 1:
        layer = [hashlib.sha256(layer[i] + layer[i + 1]).digest() for i in range(0, len(layer), 2)]
    return layer[0].hex()
