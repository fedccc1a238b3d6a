"""scripts/demo.sh: what it shows, and that nothing of it stays behind."""
import os
import pathlib
import signal
import subprocess

import pytest

from support.process import TREE, clean_environment
from support.terminal import Terminal
from support.waiting import wait_until

DEMO = TREE / 'scripts' / 'demo.sh'


def processes_of(folder) -> list:
    """The command lines that name the folder the demonstration works in."""
    found = []
    for entry in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
        try:
            text = entry.read_bytes().replace(b'\0', b' ').decode(errors='replace')
        except OSError:
            continue
        if str(folder) in text and entry.parent.name != str(os.getpid()):
            found.append(text)
    return found


@pytest.fixture
def place(tmp_path):
    """A TMPDIR of its own, empty again at the end."""
    folder = tmp_path / 'tmp'
    folder.mkdir()
    yield folder
    wait_until(lambda: not processes_of(folder), lambda: f'they end: {processes_of(folder)}')
    assert list(folder.iterdir()) == []


@pytest.fixture
def demo(place, tmp_path):
    terminal = Terminal(DEMO, [], tmp_path / 'home', {'TMPDIR': place})
    yield terminal
    terminal.close()


def test_script_shows_a_file_fetched(place, tmp_path):
    done = subprocess.run([DEMO, '--script'], cwd=tmp_path, timeout=120, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=clean_environment(tmp_path, TMPDIR=place))
    assert done.returncode == 0, done.stdout
    assert 'byte-identical' in done.stdout.splitlines()[-1]


def test_the_menu_opens_logged_out_and_fetches(demo, place):
    demo.expect_text('ana')
    demo.expect_menu()
    assert len(processes_of(place)) >= 3
    demo.send('4')
    demo.expect_text('Login required first!')
    demo.expect_menu()
    demo.send('1')
    for prompt, line in (('Enter username: ', 'ana'), ('Enter password: ', 'trueque'),
                         ('Enter peer IP: ', '')):
        demo.answer(prompt, line)
    demo.expect_menu()
    demo.send('4')
    demo.answer('Enter file name to search: ', 'poem.txt')
    demo.expect_menu()
    folder, = place.iterdir()
    assert (folder / 'ana' / 'poem.txt').read_bytes() == (folder / 'luis' / 'poem.txt').read_bytes()
    demo.send('5')
    assert demo.wait_for_end() == 0


def test_ctrl_c_leaves_it(demo):
    demo.expect_menu()
    demo.press(b'\x03')
    assert demo.wait_for_end() == 130


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_stops_everything(demo, number):
    demo.expect_menu()
    demo.signal(number)
    assert demo.wait_for_end() == 128 + number


def test_a_hard_kill_stops_the_servers(tmp_path):
    folder = tmp_path / 'tmp'
    folder.mkdir()
    demo = Terminal(DEMO, [], tmp_path / 'home', {'TMPDIR': folder})
    demo.expect_menu()
    demo.signal(signal.SIGKILL)
    demo.close()
    wait_until(lambda: not processes_of(folder), lambda: f'they end: {processes_of(folder)}')


def test_two_at_once(place, tmp_path):
    running = [subprocess.Popen([DEMO, '--script'], cwd=tmp_path, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT,
                                env=clean_environment(tmp_path, TMPDIR=place)) for _ in range(2)]
    for child in running:
        out, _ = child.communicate(timeout=120)
        assert child.returncode == 0, out


def test_bad_usage_is_2(tmp_path):
    done = subprocess.run([DEMO, '--what'], cwd=tmp_path, timeout=30, stderr=subprocess.PIPE)
    assert done.returncode == 2 and b'usage' in done.stderr
