"""A PostgreSQL server of a test's own, in a temporary folder, reached by a socket there.

postgres_cluster.py COMMAND... runs the command beside one, which is named to it by
TRUEQUE_TEST_POSTGRES."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAMS = sorted(pathlib.Path('/usr/lib/postgresql').glob('*/bin'), key=lambda path: int(path.parent.name))
SETTINGS = {'listen_addresses': '', 'max_connections': '60', 'shared_buffers': '64MB', 'autovacuum': 'on'}
# For tests that do not pull the plug: the disk is not waited for.
CARELESS = {'fsync': 'off', 'synchronous_commit': 'off', 'full_page_writes': 'off'}


def is_installed() -> bool:
    return bool(PROGRAMS)


class Cluster:
    """Runs until stop(); PostgreSQL refuses to run as root, then it runs as 'postgres'."""

    def __init__(self, careless: bool = True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='trueque-pg-', dir='/tmp'))
        self.data = self.folder / 'data'
        self.url = self.url_of('postgres')
        self.settings = {**SETTINGS, **(CARELESS if careless else {}), 'unix_socket_directories': str(self.folder)}
        self.process = None
        self.user = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam('postgres')
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.user = {'user': owner.pw_uid, 'group': owner.pw_gid, 'extra_groups': []}
        self._run('initdb', '-D', self.data, '-U', 'trueque', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N')
        self.start()

    def _run(self, program, *arguments):
        done = subprocess.run([PROGRAMS[-1] / program, *arguments], stdout=subprocess.PIPE, cwd='/',
                              stderr=subprocess.STDOUT, text=True, check=False, **self.user)
        if done.returncode != 0:
            raise RuntimeError(f'{program}: {done.stdout}')

    def url_of(self, database) -> str:
        return f'postgresql:///{database}?host={self.folder}&user=trueque'

    def new_database(self, name) -> str:
        """Its url."""
        self._run('createdb', '-h', self.folder, '-U', 'trueque', name)
        return self.url_of(name)

    def start(self):
        settings = [text for key, value in self.settings.items() for text in ('-c', f'{key}={value}')]
        with open(self.folder / 'log', 'ab') as log:
            self.process = subprocess.Popen([PROGRAMS[-1] / 'postgres', '-D', self.data, *settings], cwd='/',
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.user)
        end = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / 'log').read_text(errors='replace'))
            time.sleep(0.02)

    def _answers(self) -> bool:
        return subprocess.run([PROGRAMS[-1] / 'pg_isready', '-q', '-h', self.folder], cwd='/', check=False).returncode == 0

    def kill(self):
        """As if the power went, for the server and every process of it."""
        self._end(signal.SIGQUIT)

    def shut_down(self):
        """Fast: running transactions are aborted, connections closed."""
        self._end(signal.SIGINT)

    def _end(self, how):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def stop(self):
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> int:
    cluster = Cluster()
    try:
        return subprocess.run(sys.argv[1:], check=False,
                              env={**os.environ, 'TRUEQUE_TEST_POSTGRES': cluster.url}).returncode
    finally:
        cluster.stop()

if __name__ == '__main__':
    sys.exit(main())
