"""One program under test: started with a clean environment, its output in a file,
ended by its own process id."""
import os
import pathlib
import signal as signals
import subprocess

from .waiting import PATIENCE, wait_until

TREE = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get('TRUEQUE_BIN', TREE / 'build' / 'release' / 'bin'))


def clean_environment(home: pathlib.Path, **extra) -> dict:
    """The caller's environment without Trueque's own settings, at home in `home`."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(('TRUEQUE_', 'XDG_', 'GRPC_')) and 'proxy' not in name.lower()}
    kept.update(HOME=str(home), XDG_STATE_HOME=str(home / 'state'), LC_ALL='C.UTF-8', TERM='xterm')
    for name, value in os.environ.items():
        if name.endswith('SAN_OPTIONS'):
            kept[name] = value
    kept.update({name: str(value) for name, value in extra.items()})
    return kept


class Process:
    def __init__(self, program, arguments, home, environment=None, within=()):
        """`within`: a command that runs it somewhere else, `ip netns exec NAME`."""
        self.program, self.home = program, home
        home.mkdir(parents=True, exist_ok=True)
        number = len(list(home.glob(f'{program}.*.log')))
        self.log = home / f'{program}.{number}.log'
        with open(self.log, 'wb') as log:
            self._child = subprocess.Popen(
                [*within, str(BIN / program), *map(str, arguments)], cwd=home,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=clean_environment(home, **(environment or {})))

    @property
    def pid(self) -> int:
        return self._child.pid

    def output(self) -> str:
        return self.log.read_text(encoding='utf-8', errors='replace')

    def running(self) -> bool:
        return self._child.poll() is None

    def wait_for(self, text, seconds=20.0):
        def seen():
            found = text in self.output()
            if not found and not self.running() and text not in self.output():
                raise AssertionError(f'{self.program} ended with {self._child.returncode} before '
                                     f'it said {text!r}; it said:\n{self.output()}')
            return found
        wait_until(seen, lambda: f'{self.program} says {text!r}; it said:\n{self.output()}', seconds)

    def wait_for_end(self, seconds=20.0) -> int:
        try:
            return self._child.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f'{self.program} still runs after {seconds} s; it said:\n{self.output()}') from None

    def signal(self, number):
        self._child.send_signal(number)

    def stop(self, number=signals.SIGTERM, seconds=20.0) -> int:
        if self.running():
            self.signal(number)
        return self.wait_for_end(seconds)

    def kill(self):
        self._child.kill()
        self._child.wait()
