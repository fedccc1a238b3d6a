"""Orderly ends, ports in use, and what a caller sees of either."""
import concurrent.futures
import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest

from support.ports import free_port
from support.process import BIN, Process
from support.waiting import wait_until
from support.world import READY


def make(world, kind):
    return world.directory() if kind == 'directory' else world.peer(files={'a.txt': b'a'})


@pytest.mark.parametrize('kind', ['directory', 'peer'])
@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_with_0_within_five_seconds(world, kind, number):
    server = make(world, kind)
    assert server.stop(number, 5) == 0


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_an_open_connection_does_not_delay_the_end(world, number):
    directory = world.directory()
    with socket.create_connection(('127.0.0.1', directory.port)) as idle:
        idle.sendall(b'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
        assert directory.stop(number, 8) == 0


def test_logins_that_wait_at_the_end_are_told_so_and_open_nothing(world):
    directory = world.directory()
    directory.rest.login('ana', 'secreto', '10.0.0.9')

    def log_in(number):
        return directory.rest.post('/login', {'username': 'ana', 'password': 'secreto',
                                              'peer_ip': '10.0.0.1', 'peer_port': number})

    with concurrent.futures.ThreadPoolExecutor(300) as crowd:
        answers = [crowd.submit(log_in, 1000 + number) for number in range(300)]
        next(concurrent.futures.as_completed(answers))
        assert directory.stop(signal.SIGTERM, 5) == 0
        answers = [each.result() for each in answers if each.exception() is None]
    assert {each.status for each in answers} == {200, 503}
    assert all(each.status == 200 or 'retry-after' in each.headers for each in answers)
    peers = json.loads(directory.state_file.read_text())['peers']
    assert len(peers) == 1 + sum(each.status == 200 for each in answers)


@pytest.mark.parametrize('program', ['main-server', 'peer-server'])
def test_a_server_says_where_it_runs(world, program, tmp_path):
    process = Process(program, ['--host', '127.0.0.1', '--port', free_port()], tmp_path / 'run')
    try:
        process.wait_for(READY + '127.0.0.1')
    finally:
        assert process.stop() == 0


@pytest.mark.parametrize('kind', ['directory', 'peer'])
def test_a_port_in_use_is_one_clear_line(world, kind):
    first = make(world, kind)
    program = 'main-server' if kind == 'directory' else 'peer-server'
    second = Process(program, ['--host', '127.0.0.1', '--port', first.port],
                     world.folder / 'second')
    assert second.wait_for_end() == 1
    told = [line for line in second.output().splitlines() if str(first.port) in line]
    assert len(told) == 1, second.output()
    assert READY not in second.output()
    assert first.process.running()


def test_a_port_held_by_another_program(world):
    with socket.socket() as other:
        other.bind(('127.0.0.1', free_port()))
        other.listen()
        port = other.getsockname()[1]
        for program in ('main-server', 'peer-server'):
            process = Process(program, ['--host', '127.0.0.1', '--port', port],
                              world.folder / program)
            assert process.wait_for_end() == 1
            assert str(port) in process.output()


def test_sigterm_ends_the_menu_with_143(world):
    client = world.client(world.directory())
    menu = client.menu()
    menu.expect_menu()
    menu.signal(signal.SIGTERM)
    assert menu.wait_for_end() == 143


def test_ctrl_c_at_the_prompt_ends_the_menu_with_130(world):
    menu = world.client(world.directory()).menu()
    menu.expect_menu()
    menu.press(b'\x03')
    assert menu.wait_for_end() == 130


@pytest.mark.parametrize('number, code', [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize('command', ['hash', 'verify', 'index'])
def test_a_signal_ends_what_hashes(world, command, number, code):
    client = world.client(world.directory())
    client.login()
    path = client.shared / 'large'
    with open(path, 'wb') as large:
        large.truncate(256 * 1024**3)
    words = {'hash': [path], 'verify': [path, '0' * 64], 'index': []}[command]
    child = client.begin(*client.arguments(command, *words))

    def hashes():
        assert child.poll() is None
        links = [link for link in pathlib.Path(f'/proc/{child.pid}/fd').iterdir()]
        return any(os.path.exists(link) and os.path.samefile(link, path) for link in links)
    wait_until(hashes, 'the file is being read')
    child.send_signal(number)
    done = client.finish(child)
    assert done.code == code, done
    assert done.json['code'] == 'cancelled'


@pytest.mark.parametrize('number, code', [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_at_a_subcommands_prompt(world, number, code):
    directory = world.directory()
    client = world.client(directory)
    client.login()
    for name, digit in (('ana', '1'), ('bob', '2')):
        directory.rest.index(directory.rest.login(name, 'x', '10.0.0.7'),
                             [{'name': 'f.txt', 'size': 1, 'content_id': digit * 64}])
    for words, prompt in ((['login', '--username', 'eva'], 'Enter password: '),
                          (['get', 'f.txt'], 'Enter the number of the file to get: ')):
        terminal = client.terminal(*words)
        terminal.expect_text(prompt)
        terminal.signal(number)
        assert terminal.wait_for_end() == code, words


def test_the_terminal_echoes_after_ctrl_backslash_at_the_password(world):
    terminal = world.client(1).terminal('login', '--username', 'eva')
    terminal.expect_text('Enter password: ')
    assert not terminal.echoes()
    terminal.press(b'\x1c')
    assert terminal.wait_for_end() == -signal.SIGQUIT
    assert terminal.echoes()


@pytest.mark.parametrize('program', ['main-server', 'peer-server', 'peer-client'])
@pytest.mark.parametrize('words', [['--version'], ['--help'], ['--print-config']])
def test_output_that_is_lost_is_74(program, words):
    with open('/dev/full', 'w', encoding='utf-8') as full:
        done = subprocess.run([BIN / program, *words], stdout=full, stderr=subprocess.PIPE,
                              text=True, check=False)
    assert done.returncode == 74, done
    assert 'standard output could not be written' in done.stderr


@pytest.mark.parametrize('words', [['hash', '{file}'], ['--json', 'hash', '{file}'],
                                   ['status', '--json']])
def test_an_answer_that_is_lost_is_74(world, words):
    client = world.client(world.directory(), files={'a': b'a'})
    client.login()
    words = [word.format(file=client.shared / 'a') for word in words]
    with open('/dev/full', 'wb') as full:
        child = client.begin('--config', client.config, *words, stdout=full)
        done = client.finish(child)
    assert done.code == 74, done


def test_a_stopped_peer_logs_out(world):
    directory = world.directory()
    peer = world.peer('ana', {'a.txt': b'a'}, directory)
    token = directory.rest.login('eva', 'x', '10.0.0.9')['token']
    world.wait_for_source(directory, token, 'a.txt')
    assert peer.stop() == 0
    wait_until(lambda: not directory.sources(token, 'a.txt'), 'the files of the peer go', 5)
