"""Directories, peers and clients of one test, all real programs in one folder on
free ports; whatever was started is ended with the test."""
import json
import pathlib
import subprocess

from .ports import free_port
from .process import BIN, Process, clean_environment
from .rest import Rest
from .terminal import Terminal
from .waiting import PATIENCE, wait_until

PASSWORD = 'secreto'
READY = 'IP Address Running: '


def write_ini(path: pathlib.Path, sections: dict) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for section, keys in sections.items():
        lines.append(f'[{section}]')
        lines += [f'{key} = {value}' for key, value in keys.items()]
    path.write_text('\n'.join(lines) + '\n')
    return path


def write_files(folder: pathlib.Path, files: dict):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class Server:
    """A server that can be killed and started again as it was."""
    program = ''

    def __init__(self, home, port, sections):
        self.home, self.port, self.sections = home, port, sections
        self.process = None
        self.within = ()  # a command that runs it somewhere else

    def start(self, environment=None, wait=True):
        config = write_ini(self.home / 'settings.ini', self.sections)
        self.process = Process(self.program, ['--config', config], self.home, environment,
                               self.within)
        if wait:
            self.process.wait_for(READY)
        return self

    def restart(self):
        if self.process.running():
            self.process.stop()
        return self.start()

    def kill(self):
        self.process.kill()

    def stop(self, *arguments) -> int:
        return self.process.stop(*arguments)


class DirectoryServer(Server):
    program = 'main-server'

    def __init__(self, home, port, sections):
        super().__init__(home, port, sections)
        self.rest = Rest('127.0.0.1', port)
        self.url = f'http://127.0.0.1:{port}'

    @property
    def state_file(self) -> pathlib.Path:
        return self.home / 'logged_peers.json'

    def sources(self, token, name) -> list:
        answer = self.rest.post('/getFiles', {'file_name': name}, token)
        return answer.json if answer.status == 200 else []


class PeerServer(Server):
    program = 'peer-server'

    @property
    def shared(self) -> pathlib.Path:
        return self.home / 'shared'

    def add(self, files):
        write_files(self.shared, files)


class Client:
    """A person's side: subcommands, and the menu on a terminal."""

    def __init__(self, home, sections):
        self.home, self.sections = home, sections
        self.config = write_ini(home / 'settings.ini', sections)
        self.password_file = home / 'password'
        self.password_file.write_text(PASSWORD + '\n')
        self.started = []

    @property
    def shared(self) -> pathlib.Path:
        return self.home / 'shared'

    def begin(self, *arguments, environment=None, stdin=subprocess.DEVNULL,
              stdout=subprocess.PIPE):
        child = subprocess.Popen(
            [str(BIN / 'peer-client'), *map(str, arguments)], cwd=self.home, stdin=stdin,
            stdout=stdout, stderr=subprocess.PIPE,
            env=clean_environment(self.home, **(environment or {})))
        self.started.append(child)
        return child

    def finish(self, child, seconds=60, given=None):
        try:
            out, err = child.communicate(given, timeout=seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            raise AssertionError(f'peer-client still runs after {seconds} s: {child.args}\n'
                                 f'{out.decode()}\n{err.decode()}') from None
        return Finished(child.args[1:], child.returncode, (out or b'').decode(), err.decode())

    def arguments(self, command, *arguments):
        return [command, '--config', self.config, '--json', *arguments]

    def run(self, command, *arguments, seconds=60, **more):
        """A subcommand with --json."""
        return self.finish(self.begin(*self.arguments(command, *arguments), **more), seconds)

    def run_plain(self, *arguments, seconds=60, **more):
        return self.finish(self.begin(*arguments, **more), seconds)

    def login(self, username='clara', peer_ip='127.0.0.1', port=None, expect=0):
        more = [] if port is None else ['--peer-port', port]
        done = self.run('login', '--username', username, '--password-file', self.password_file,
                        '--peer-ip', peer_ip, *more)
        assert done.code == expect, done
        return done

    def menu(self, environment=None) -> Terminal:
        return self.terminal(environment=environment)

    def terminal(self, *words, environment=None) -> Terminal:
        terminal = Terminal('peer-client', ['--config', self.config, *words], self.home,
                            environment)
        self.started.append(terminal)
        return terminal

    def end(self):
        for child in self.started:
            if isinstance(child, Terminal):
                child.close()
            elif child.poll() is None:
                child.kill()
                child.communicate()


class Finished:
    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return (f'peer-client {" ".join(self.arguments)} ended with {self.code}\n'
                f'--- standard output\n{self.out}\n--- standard error\n{self.err}')


class World:
    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self._servers, self._clients, self._closers = [], [], []

    def directory(self, name='directory', start=True, port=None, **sections) -> DirectoryServer:
        """Sections by name: directory(auth={'mode': 'open'})."""
        home = self.folder / name
        port = port or free_port()
        settings = {'server': {'host': '127.0.0.1', 'port': port},
                    'storage': {'path': home / 'logged_peers.json'}}
        for section, keys in sections.items():
            settings.setdefault(section, {}).update(keys)
        server = DirectoryServer(home, port, settings)
        self._servers.append(server)
        home.mkdir(parents=True, exist_ok=True)
        return server.start() if start else server

    def peer(self, name='ana', files=None, directory=None, start=True, **keys) -> PeerServer:
        """A peer sharing `files`; announced by itself where a directory is given."""
        home = self.folder / f'peer-{name}'
        port = free_port()
        (home / 'shared').mkdir(parents=True, exist_ok=True)
        write_files(home / 'shared', files or {})
        settings = {'peer_server': {'host': '127.0.0.1', 'port': port,
                                    'shared_dir': home / 'shared', **keys}}
        if directory is not None:
            (home / 'password').write_text(PASSWORD + '\n')
            settings['directory'] = {
                'url': directory.url, 'username': name, 'password_file': home / 'password',
                'advertise_ip': '127.0.0.1', 'advertise_port': port}
        server = PeerServer(home, port, settings)
        self._servers.append(server)
        return server.start() if start else server

    def client(self, directory, name='clara', files=None, beside=None, **keys) -> Client:
        """A client of `directory`; with `beside`, a PeerServer, in that one's folder."""
        home = self.folder / f'client-{name}'
        shared = beside.shared if beside else home / 'shared'
        shared.mkdir(parents=True, exist_ok=True)
        write_files(shared, files or {})
        port = directory if isinstance(directory, int) else directory.port
        settings = {'server_host': '127.0.0.1', 'server_port': port,
                    'peer_server_host': '127.0.0.1',
                    'peer_server_port': beside.port if beside else free_port(),
                    'shared_dir': shared, **keys}
        client = Client(home, {'peer_client': settings})
        client.peer_port = settings['peer_server_port']
        self._clients.append(client)
        return client

    def on_close(self, action):
        self._closers.append(action)

    def wait_for_source(self, directory, token, name, count=1):
        return wait_until(
            lambda: (found := directory.sources(token, name)) and len(found) >= count and found,
            f'{count} sources of {name} at the directory')

    def logs(self) -> str:
        return '\n'.join(f'--- {path.relative_to(self.folder)}\n'
                         f'{path.read_text(errors="replace")[-4000:]}'
                         for path in sorted(self.folder.glob('*/*.log')))

    def close(self):
        for client in self._clients:
            client.end()
        for action in self._closers:
            action()
        for server in reversed(self._servers):
            if server.process is not None and server.process.running():
                server.kill()
