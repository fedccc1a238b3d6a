"""A network of its own for one server, at the far end of a cable that can be pulled.
Needs root."""
import os
import random
import shutil
import subprocess


def possible() -> bool:
    return os.geteuid() == 0 and shutil.which('ip') is not None


def _ip(*arguments):
    subprocess.run(['ip', *arguments], check=True, capture_output=True, timeout=20)


class Cable:
    """From this host (`near`) to a namespace (`far`); both addresses are made up."""

    def __init__(self):
        number = random.SystemRandom().randrange(2**14)
        self._namespace = f'trueque{number}'
        self._near_end, self._far_end = f'tqn{number}', f'tqf{number}'
        net = f'10.{200 + number // 4096}.{number // 16 % 256}'
        self.near, self.far = f'{net}.{number % 16 * 16 + 1}', f'{net}.{number % 16 * 16 + 2}'
        _ip('netns', 'add', self._namespace)
        try:
            _ip('link', 'add', self._near_end, 'type', 'veth', 'peer', 'name', self._far_end,
                'netns', self._namespace)
            _ip('addr', 'add', f'{self.near}/30', 'dev', self._near_end)
            _ip('link', 'set', self._near_end, 'up')
            self._inside('addr', 'add', f'{self.far}/30', 'dev', self._far_end)
            self._inside('link', 'set', 'lo', 'up')
            self.plug_in()
        except subprocess.SubprocessError:
            self.close()
            raise

    @property
    def within(self):
        """The command that runs a program at the far end."""
        return ('ip', 'netns', 'exec', self._namespace)

    def _inside(self, *arguments):
        _ip('-n', self._namespace, *arguments)

    def pull(self):
        self._inside('link', 'set', self._far_end, 'down')

    def plug_in(self):
        self._inside('link', 'set', self._far_end, 'up')

    def close(self):
        _ip('netns', 'del', self._namespace)  # the cable goes with it
