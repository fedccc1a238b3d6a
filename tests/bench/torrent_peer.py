"""A BitTorrent v2 peer on libtorrent:
  torrent_peer.py make FILE TORRENT               writes the torrent of a file
  torrent_peer.py seed TORRENT FOLDER PORT        seeds it until it is stopped
  torrent_peer.py fetch TORRENT FOLDER IP PORT    fetches it from one seed; returns when every piece is verified
"""
import pathlib
import sys
import time

import libtorrent as lt

# Nothing but the one connection: no discovery, no encryption, no caps.
SETTINGS = {
    "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "enable_incoming_utp": False, "enable_outgoing_utp": False, "allow_multiple_connections_per_ip": True,
    "out_enc_policy": 2, "in_enc_policy": 2, "alert_mask": 0,
    "max_out_request_queue": 1500, "send_buffer_watermark": 4 * 1024 * 1024, "aio_threads": 4, "hashing_threads": 2,
}


def session(port, seeding):
    return lt.session({**SETTINGS, "listen_interfaces": f"127.0.0.1:{port}",
                       "enable_outgoing_tcp": not seeding})


def add(peer, torrent, folder, seeding):
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = folder
    parameters.flags &= ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    if seeding:
        parameters.flags |= lt.torrent_flags.seed_mode
    return peer.add_torrent(parameters)


def make(file, torrent):
    files = lt.file_storage()
    lt.add_files(files, file)
    created = lt.create_torrent(files, piece_size=1024 * 1024, flags=lt.create_torrent.v2_only)
    lt.set_piece_hashes(created, str(pathlib.Path(file).parent))
    pathlib.Path(torrent).write_bytes(lt.bencode(created.generate()))


def seed(torrent, folder, port):
    peer = session(port, True)
    handle = add(peer, torrent, folder, True)
    while True:
        time.sleep(1)
        assert handle.is_valid()


def fetch(torrent, folder, ip, port):
    peer = session(0, False)
    handle = add(peer, torrent, folder, False)
    handle.connect_peer((ip, int(port)))
    while not handle.status().is_seeding:
        time.sleep(0.005)


{"make": make, "seed": seed, "fetch": fetch}[sys.argv[1]](*sys.argv[2:])
