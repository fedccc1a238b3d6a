"""A program on a pseudo-terminal, as a person would use it."""
import fcntl
import os
import re
import select
import signal as signals
import subprocess
import termios
import time

from .process import BIN, clean_environment
from .waiting import PATIENCE

MENU = ('1. Login\n2. Logout\n3. Index Files\n4. Get Files\n5. Exit\nEnter your choice: ')


class Terminal:
    def __init__(self, program, arguments, home, environment=None):
        home.mkdir(parents=True, exist_ok=True)
        self._master, slave = os.openpty()
        # Wide enough that no line of ours is broken.
        fcntl.ioctl(slave, termios.TIOCSWINSZ, b'\x28\x00\xc8\x00\x00\x00\x00\x00')

        def own_terminal():
            # A shell lets what it runs in the background ignore these, nohup the first.
            for number in (signals.SIGHUP, signals.SIGINT, signals.SIGQUIT):
                signals.signal(number, signals.SIG_DFL)
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self._child = subprocess.Popen(
            [str(BIN / program), *map(str, arguments)], cwd=home, stdin=slave, stdout=slave,
            stderr=slave, preexec_fn=own_terminal, close_fds=True,
            env=clean_environment(home, **(environment or {})))
        os.close(slave)
        self.transcript = ''
        self._raw = b''
        self._seen = 0

    def _read(self, seconds) -> bool:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        self._raw += data
        self.transcript = self._raw.decode('utf-8', errors='replace').replace('\r\n', '\n')
        return bool(data)

    def expect(self, pattern, seconds=30.0) -> re.Match:
        """Reads on until `pattern` (a regular expression) comes after what was expected before."""
        deadline = time.monotonic() + seconds * PATIENCE
        open_end = True
        while True:
            match = re.compile(pattern).search(self.transcript, self._seen)
            if match:
                self._seen = match.end()
                return match
            if not open_end or time.monotonic() > deadline:
                why = 'the program ended' if not open_end else f'not within {seconds} s'
                raise AssertionError(f'{why}: {pattern!r} after\n{self.transcript[:self._seen]}'
                                     f'\n--- in ---\n{self.transcript[self._seen:]!r}')
            open_end = self._read(0.1)

    def expect_text(self, text, seconds=30.0):
        return self.expect(re.escape(text), seconds)

    def expect_menu(self, seconds=30.0):
        return self.expect_text(MENU, seconds)

    def send(self, line):
        os.write(self._master, (line + '\n').encode())

    def press(self, keys: bytes):
        os.write(self._master, keys)

    def answer(self, prompt, line):
        self.expect_text(prompt)
        self.send(line)

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def signal(self, number):
        self._child.send_signal(number)

    def wait_for_end(self, seconds=20.0) -> int:
        deadline = time.monotonic() + seconds * PATIENCE
        while self._child.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f'still runs after {seconds} s:\n{self.transcript}')
            self._read(0.05)
        while self._read(0) and select.select([self._master], [], [], 0)[0]:
            pass
        return self._child.returncode

    def close(self):
        if self._child.poll() is None:
            self._child.send_signal(signals.SIGKILL)
            self._child.wait()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
