"""Flags, environment, files and the exit codes of what is wrong with them."""
import subprocess

import pytest

from support.process import BIN, TREE, clean_environment

ORIGINAL = TREE / 'tests' / 'data' / 'original'
PROGRAMS = ['main-server', 'peer-server', 'peer-client']


def run(program, *arguments, cwd, **environment):
    return subprocess.run([BIN / program, *map(str, arguments)], cwd=cwd, timeout=30,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env=clean_environment(cwd, **environment))


def printed(program, *arguments, cwd, **environment) -> str:
    done = run(program, *arguments, '--print-config', cwd=cwd, **environment)
    assert done.returncode == 0, done
    return done.stdout


def value_of(text, key) -> str:
    """The line of --print-config about a key."""
    lines = [line for line in text.splitlines() if line.strip().startswith(f'{key} =')]
    assert len(lines) == 1, (key, text)
    return lines[0]


@pytest.mark.parametrize('program', PROGRAMS)
def test_version_and_help(program, tmp_path):
    version = run(program, '--version', cwd=tmp_path)
    assert (version.returncode, version.stderr) == (0, '')
    assert version.stdout.startswith(f'{program} ')
    usage = run(program, '--help', cwd=tmp_path)
    assert usage.returncode == 0
    assert '--config' in usage.stdout and '--print-config' in usage.stdout


@pytest.mark.parametrize('program', PROGRAMS)
@pytest.mark.parametrize('arguments', [['--no-such-flag'], ['no-such-command']])
def test_bad_usage_is_2(program, arguments, tmp_path):
    done = run(program, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ''
    assert done.stderr != ''


def test_a_flag_beats_the_environment_beats_the_file(tmp_path):
    (tmp_path / 'main-server.ini').write_text('[server]\nport = 5101\n')
    assert '5101' in value_of(printed('main-server', cwd=tmp_path), 'port')
    assert '5102' in value_of(printed('main-server', cwd=tmp_path, TRUEQUE_PORT='5102'), 'port')
    assert '5103' in value_of(printed('main-server', '--port', 5103, cwd=tmp_path,
                                      TRUEQUE_PORT='5102'), 'port')
    assert '5000' in value_of(printed('main-server', cwd=tmp_path / '..'), 'port')


@pytest.mark.parametrize('program, file, expected', [
    ('main-server', 'Servidor.config.ini', {'host': '0.0.0.0', 'port': '5000'}),
    ('peer-server', 'PServer.config.ini', {'port': '50051', 'rescan_seconds': '86400'}),
    ('peer-client', 'Cliente.config.ini', {
        'server_host': '172.17.0.2', 'server_port': '5000', 'peer_server_host': '172.17.0.3',
        'peer_server_port': '50051'}),
])
def test_the_originals_files_work_unchanged(program, file, expected, tmp_path):
    text = printed(program, '--config', ORIGINAL / file, cwd=tmp_path)
    for key, value in expected.items():
        assert value in value_of(text, key)
        assert file in value_of(text, key), 'where it came from'


def test_the_originals_readme_names_a_port_twice(tmp_path):
    done = run('peer-client', '--config', ORIGINAL / 'Cliente.as-in-its-readme.ini', cwd=tmp_path)
    assert done.returncode == 78
    for part in ('Cliente.as-in-its-readme.ini', '5', 'puerto_servidor', 'puerto_servidor_peer'):
        assert part in done.stderr


@pytest.mark.parametrize('program, text, parts', [
    ('main-server', '[server]\nprot = 5000\n', ['bad.ini', '2', 'prot', 'port']),
    ('main-server', '[sever]\nport = 5000\n', ['bad.ini', 'sever', 'server']),
    ('main-server', '[server]\nport = 70000\n', ['bad.ini', '2', 'port']),
    ('main-server', '[server]\nport = \n', ['bad.ini', '2', 'port']),
    ('main-server', '[server]\nport = 1\nport = 2\n', ['bad.ini', '3', 'port']),
    ('main-server', '[server]\nport = 1\n[Servidor.ini]\npuerto = 2\n', ['bad.ini', '4', 'puerto']),
    ('main-server', '[auth]\nmode = secret\n', ['bad.ini', '2', 'mode', 'password', 'open']),
    ('peer-server', '[peer_server]\nshare_dir = x\n', ['bad.ini', '2', 'share_dir', 'shared_dir']),
    ('peer-server', '[peer_server]\nrescan_seconds = soon\n', ['bad.ini', '2', 'rescan_seconds']),
    ('peer-client', '[peer_client]\nserver_prot = 1\n', ['bad.ini', '2', 'server_port']),
    ('peer-client', 'nonsense\n', ['bad.ini', '1']),
    ('main-server', '[zzz]\n', ['bad.ini:1', '[zzz]', "'server'"]),
    ('main-server', '[Servidor.ini]\nport = 5\n', ['bad.ini:2', "'ip', 'puerto'"]),
    ('main-server', 'port = 5\n', ['bad.ini:1', 'port', '[server]']),
    ('peer-server', '[PServer.ini]\nip = 1\n', ['bad.ini:2', "'puerto', 'sleep_time'"]),
    ('peer-client', '[peer_client]\nserver_host = a\n[Cliente.ini]\nip_servidor = b\n',
     ['bad.ini:4', "'ip_servidor' is another name of 'server_host'"]),
])
def test_a_bad_file_is_78_with_file_line_and_key(program, text, parts, tmp_path):
    (tmp_path / 'bad.ini').write_text(text)
    done = run(program, '--config', 'bad.ini', cwd=tmp_path)
    assert done.returncode == 78, done
    for part in parts:
        assert part in done.stderr
    assert done.stdout == ''


@pytest.mark.parametrize('more', [[], ['--print-config']])
def test_keys_at_odds_are_78_with_file_line_and_key(more, tmp_path):
    path = tmp_path / 'main-server.ini'
    path.write_text('[lease]\nlease_seconds = 10\n')
    done = run('main-server', *more, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (78, '')
    assert "main-server.ini:2: 'lease_seconds' must be more than heartbeat_seconds" in done.stderr
    done = run('main-server', *more, '--lease-seconds', 11, cwd=tmp_path)
    assert done.returncode == 78
    assert "flag --lease-lease-seconds '11' must be more than heartbeat_seconds" in done.stderr


@pytest.mark.parametrize('program', PROGRAMS)
def test_a_missing_config_file_is_78(program, tmp_path):
    done = run(program, '--config', 'nowhere.ini', cwd=tmp_path)
    assert done.returncode == 78
    assert 'nowhere.ini' in done.stderr


def test_a_bad_environment_value_is_78(tmp_path):
    done = run('main-server', cwd=tmp_path, TRUEQUE_PORT='many')
    assert done.returncode == 78
    assert 'TRUEQUE_PORT' in done.stderr


def test_a_missing_shared_folder_is_78(tmp_path):
    done = run('peer-server', '--host', '127.0.0.1', '--port', 0, '--shared-dir', 'nowhere',
               cwd=tmp_path)
    assert done.returncode == 78
    assert 'nowhere' in done.stderr


def test_secrets_are_not_printed(tmp_path):
    text = printed('main-server', '--storage-postgres-url',
                   'postgresql://trueque:hush-hush@db/trueque', cwd=tmp_path)
    assert 'hush-hush' not in text
