"""The programs the transfer engine is held against, as their users would start them."""
import pathlib
import subprocess
import sys

from harness import PEER_IP

TORRENT_PEER = pathlib.Path(__file__).with_name("torrent_peer.py")


def curl(url, target):
    return ["curl", "-fsS", "-o", target, url]


def curl_then_sha256(url, target):
    """openssl's, which uses the processor's SHA instructions; Debian's sha256sum does not and is slower."""
    return ["sh", "-c", f"curl -fsS -o '{target}' '{url}' && openssl dgst -sha256 '{target}'"]


def aria2(url, target, sha256):
    return ["aria2c", "-q", "--allow-overwrite=true", f"--checksum=sha-256={sha256}", "-d", target.parent,
            "-o", target.name, url]


def aria2_list(listing, folder):
    """All the files of a list, as many at once as did best here."""
    return ["aria2c", "-q", "--allow-overwrite=true", "-j", "16", "-d", folder, "-i", listing]


def rsync(port, folder):
    return ["rsync", "-a", f"rsync://{PEER_IP}:{port}/shared/", folder]


def start_rsync_daemon(place, port, folder):
    conf = place.path / "rsyncd.conf"
    conf.write_text(f"""use chroot = no
port = {port}
address = {PEER_IP}
pid file = {place.path}/rsyncd.pid
uid = root
gid = root
[shared]
path = {folder}
""")
    return place.start("rsync", "--daemon", "--no-detach", f"--config={conf}", port=port)


def torrent(part, *arguments):
    """`make`, `seed` or `fetch` of torrent_peer.py."""
    return [sys.executable, TORRENT_PEER, part, *arguments]


def sha256(path):
    answer = subprocess.run(["openssl", "dgst", "-sha256", "-r", path], stdout=subprocess.PIPE, text=True, check=True)
    return answer.stdout.split()[0]
