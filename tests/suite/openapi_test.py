"""The directory's description of itself, held against the directory by tools of others."""
import functools
import os
import pathlib
import subprocess
import venv

import pytest

# From PyPI; Debian has neither. Pinned, so that a run tomorrow asks what today's did.
PACKAGES = ['schemathesis==4.32.5', 'openapi-spec-validator==0.9.0']
FOLDER = pathlib.Path(__file__).resolve().parents[2] / 'build' / 'openapi-tools'
# A schema can not say what a host name is, nor how long a component of a path may be.
NOT_CHECKED = 'positive_data_acceptance'


@functools.cache
def tools():
    """The folder of the tools' programs, installed the first time; None where they cannot be had."""
    programs = FOLDER / 'bin'
    installed = FOLDER / 'installed'
    wanted = '\n'.join(PACKAGES)
    if installed.exists() and installed.read_text() == wanted:
        return programs
    try:
        venv.create(FOLDER, with_pip=True, clear=True)
        subprocess.run([programs / 'pip', 'install', '-q', '--disable-pip-version-check', *PACKAGES],
                       check=True, timeout=300, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return None
    installed.write_text(wanted)
    return programs


@pytest.fixture
def programs():
    if tools() is None:
        pytest.skip('schemathesis and openapi-spec-validator cannot be had from PyPI')
    return tools()


def url(directory):
    return f'http://127.0.0.1:{directory.port}/openapi.json'


def fuzz(programs, directory, token, tmp_path, *options):
    command = [programs / 'schemathesis', 'run', url(directory), '--header', f'Authorization: Bearer {token}',
               '--checks', 'all', '--exclude-checks', NOT_CHECKED, '--max-examples', '10', '--seed', '7',
               '--generation-deterministic', '--no-color', *options]
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    run = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=500)
    assert run.returncode == 0, run.stdout[-8000:]
    assert 'Tested:' in run.stdout


def test_the_document_is_a_valid_one(directory, programs, tmp_path):
    document = tmp_path / 'openapi.json'
    document.write_text(directory.rest.get('/openapi.json').text)
    run = subprocess.run([programs / 'openapi-spec-validator', document], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    assert run.returncode == 0, run.stdout


def test_a_fuzzer_that_goes_by_the_document_finds_nothing(world, programs, tmp_path):
    directory = world.directory()
    token = directory.rest.login()['token']
    fuzz(programs, directory, token, tmp_path, '--exclude-path', '/logout')
    # For itself, because it ends the session of whoever gets it right.
    fuzz(programs, directory, token, tmp_path, '--include-path', '/logout')
    assert directory.rest.get('/healthz').status == 200
