"""The three images and compose.yaml, as a person would use them."""
import http.client
import json
import os
import subprocess
import time

import pytest

from pieces_root import pieces_root
from support.ports import free_port
from support.process import TREE
from support.rest import Rest
from support.terminal import MENU, Terminal
from support.waiting import wait_until
from support.wire import Peer

PROGRAMS = ['main-server', 'peer-server', 'peer-client']
BASE = 'debian:bookworm-slim'
WELCOME = (TREE / 'docker' / 'sample' / 'welcome.txt').read_bytes()
MIB = 1024 * 1024
MINE = 'what ana wrote'


def run(*command, check=True, seconds=120, given=None, env=None):
    done = subprocess.run([str(word) for word in command], cwd=TREE, timeout=seconds, text=True,
                          input='' if given is None else given, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=env)
    assert not check or done.returncode == 0, f'{command} gave {done.returncode}:\n{done.stdout}'
    return done


def inspect(kind, name):
    return json.loads(run('docker', kind, 'inspect', name).stdout)[0]


@pytest.fixture(scope='module', autouse=True)
def images():
    for program in PROGRAMS:
        run('docker', 'build', '-q', '-f', 'docker/Dockerfile', '--target', program, '-t', program,
            '.', seconds=1800)


@pytest.fixture
def container():
    """Starts containers in the background; they are gone when the test ends."""
    started = []

    def start(*arguments) -> str:
        started.append(run('docker', 'run', '-d', *arguments).stdout.strip().splitlines()[-1])
        return started[-1]
    yield start
    for name in started:
        run('docker', 'rm', '-f', '-v', name, check=False)


def wait_healthy(name):
    wait_until(lambda: inspect('container', name)['State']['Health']['Status'] == 'healthy',
               lambda: f'{name} is healthy: {inspect("container", name)["State"]}', 60)


class Compose:
    """compose.yaml under a project of its own, on free ports."""

    def __init__(self):
        plugin = subprocess.run(['docker', 'compose', 'version'], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL).returncode == 0
        project = f'truequetest{os.getpid()}'
        self.command = [*(['docker', 'compose'] if plugin else ['docker-compose']), '-p', project]
        self.directory_port, self.peer_port = free_port(), free_port()
        self.environment = {**os.environ, 'DIRECTORY_PORT': str(self.directory_port),
                            'PEER_PORT': str(self.peer_port)}

    def __call__(self, *arguments, **more):
        return run(*self.command, *arguments, env=self.environment, **more)

    def container(self, service) -> str:
        return self('ps', '-q', service).stdout.strip().splitlines()[-1]

    def network(self) -> str:
        network, = inspect('container', self.container('main-server'))['NetworkSettings']['Networks']
        return network


@pytest.fixture(scope='module')
def compose(images):
    made = Compose()
    try:
        made('up', '-d', seconds=300)
        yield made
    finally:
        made('down', '-v', '--remove-orphans', check=False)


@pytest.mark.parametrize('program', PROGRAMS)
def test_an_image_is_small_and_not_roots(program):
    image = inspect('image', program)
    added = image['Size'] - inspect('image', BASE)['Size']
    assert added < 120 * MIB, f'{added / MIB:.0f} MiB above the base'
    assert image['Config']['User'] not in ('', 'root', '0')
    assert run('docker', 'run', '--rm', '--entrypoint', 'id', program, '-u').stdout.strip() != '0'
    assert ('Healthcheck' in image['Config']) == (program != 'peer-client')


@pytest.mark.parametrize('program', PROGRAMS)
def test_version_and_configuration(program, tmp_path):
    assert run('docker', 'run', '--rm', program, '--version').stdout.startswith(program)
    key = 'server_port' if program == 'peer-client' else 'port'
    section = program.replace('-', '_') if program != 'main-server' else 'server'
    by_environment = run('docker', 'run', '--rm', '-e', f'TRUEQUE_{key.upper()}=4711', program,
                         '--print-config').stdout
    assert f'{key} = 4711' in by_environment
    (tmp_path / 'its.ini').write_text(f'[{section}]\n{key} = 4712\n')
    (tmp_path / 'its.ini').chmod(0o644)
    by_file = run('docker', 'run', '--rm', '-v', f'{tmp_path}/its.ini:/etc/trueque/{program}.ini',
                  program, '--print-config').stdout
    assert f'{key} = 4712' in by_file


def test_the_directory_alone(container):
    port = free_port()
    name = container('-p', f'127.0.0.1:{port}:5000', 'main-server')
    wait_healthy(name)
    rest = Rest('127.0.0.1', port)
    rest.index(rest.login(), ['a.txt'])
    assert rest.get('/healthz').status == 200
    stops_cleanly(name)
    assert '"a.txt"' in run('docker', 'cp', f'{name}:/var/lib/trueque/logged_peers.json',
                            '-').stdout


def test_the_peer_alone(container):
    port = free_port()
    name = container('-p', f'127.0.0.1:{port}:50051', 'peer-server')
    wait_healthy(name)
    peer = Peer(port)
    assert peer.download_file('welcome.txt') == 'File welcome.txt downloaded properly!'
    assert peer.fetch(pieces_root(WELCOME), 0, len(WELCOME)) == WELCOME
    peer.close()
    stops_cleanly(name)


def test_the_originals_files_as_configuration(container):
    data = TREE / 'tests' / 'data' / 'original'
    for program, file in (('main-server', 'Servidor.config.ini'),
                          ('peer-server', 'PServer.config.ini')):
        name = container('-v', f'{data}/{file}:/etc/trueque/{program}.ini:ro', program)
        wait_healthy(name)
        stops_cleanly(name)


def stops_cleanly(name):
    start = time.monotonic()
    run('docker', 'stop', '-t', '20', name)
    assert time.monotonic() - start < 10
    assert inspect('container', name)['State']['ExitCode'] == 0


def test_an_unhealthy_server_is_seen(container):
    name = container('--health-interval=1s', 'main-server')
    wait_healthy(name)
    run('docker', 'kill', '-s', 'STOP', name)
    try:
        wait_until(lambda: inspect('container', name)['State']['Health']['Status'] == 'unhealthy',
                   'the stopped server is unhealthy', 60)
    finally:
        run('docker', 'kill', '-s', 'CONT', name)


def test_the_client_on_a_terminal(tmp_path):
    terminal = Terminal('/usr/bin/docker', ['run', '--rm', '-ti', 'peer-client'], tmp_path)
    try:
        terminal.expect_menu()
        terminal.send('5')
        assert terminal.wait_for_end() == 0
    finally:
        terminal.close()


def test_compose_brings_up_all_three(compose):
    for service in ('main-server', 'peer-server'):
        wait_healthy(compose.container(service))
    client = compose.container('peer-client')
    # The engine keeps whole lines only, so the prompt after them is not in its log.
    options = MENU[:MENU.rindex('\n')]
    wait_until(lambda: options in run('docker', 'logs', client).stdout.replace('\r\n', '\n'),
               'the client shows its menu')
    state = inspect('container', client)
    assert state['State']['Running'] and state['RestartCount'] == 0
    # The published ports answer.
    connection = http.client.HTTPConnection('127.0.0.1', compose.directory_port, timeout=20)
    connection.request('GET', '/healthz')
    assert connection.getresponse().status == 200
    peer = Peer(compose.peer_port)
    assert peer.stat(name='welcome.txt').size == len(WELCOME)
    peer.close()


def test_a_menu_session_in_compose(compose):
    keys = ['1', 'ana', 'secreto', '', '3', 'mine.txt', '4', 'welcome.txt', '5']
    compose('run', '--rm', '-T', '--entrypoint', 'bash', 'peer-client', '-c',
            f'echo {MINE} >/var/lib/trueque/shared/mine.txt')
    rest = Rest('127.0.0.1', compose.directory_port)
    token = rest.login('watcher', 'x', '10.9.9.9')['token']
    wait_until(lambda: rest.post('/getFiles', {'file_name': 'welcome.txt'}, token).status == 200,
               'the peer announces its folder')
    said = compose('run', '--rm', '-T', 'peer-client', given='\n'.join(keys) + '\n').stdout
    assert 'Files indexed successfully.' in said
    assert 'welcome.txt' in said
    assert 'peer-server:50051' in said
    fetched = compose('run', '--rm', '-T', '--entrypoint', 'cat', 'peer-client',
                      '/var/lib/trueque/shared/welcome.txt').stdout
    assert WELCOME.decode() in fetched, said
    # Of ana's session and folder another client, with a folder of its own, knows nothing.
    row, = [row for row in rest.post('/getFiles', {'file_name': 'mine.txt'}, token).json
            if row['peer_name'] == 'ana']
    assert (row['peer_ip'], row['peer_port']) == ('peer-server', 50051)
    script = ('peer-client login --username eva && peer-client get mine.txt --from ana &&'
              ' cat shared/mine.txt && peer-client logout')
    got = run('docker', 'run', '--rm', '--network', compose.network(), '-e',
              'TRUEQUE_SERVER_HOST=main-server', '-e', 'TRUEQUE_PASSWORD=x', '--entrypoint', 'bash',
              'peer-client', '-c', script).stdout
    assert MINE in got


def test_a_login_lasts_between_runs_in_compose(compose):
    def client(*arguments, **more):
        return compose('run', '--rm', '-T', '-e', 'TRUEQUE_PASSWORD=clave', 'peer-client',
                       *arguments, **more)
    client('login', '--username', 'luis')
    assert 'welcome.txt' in client('search', 'welcome').stdout
    assert client('search', 'nothing-like-it', check=False).returncode == 3
    client('logout')


def test_state_outlives_the_containers(compose):
    rest = Rest('127.0.0.1', compose.directory_port)
    login = rest.login('keeper', 'x', '10.1.1.1')
    rest.index(login, ['kept.txt'])
    compose('rm', '-s', '-f', 'main-server')
    compose('up', '-d', 'main-server')
    wait_healthy(compose.container('main-server'))
    assert rest.post('/getFiles', {'file_name': 'kept.txt'}, login['token']).status == 200
