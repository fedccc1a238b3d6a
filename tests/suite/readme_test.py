"""The session that both READMEs show is what the programs print."""
import os
import re

import pytest

from support.process import TREE

REPORT = os.urandom(2_516_582)
SMALL = b'r' * 1_140


def pictured(readme) -> list:
    """The lines of the first block, what is typed included."""
    return (TREE / readme).read_text(encoding='utf-8').split('```\n')[1].splitlines()


def general(text) -> list:
    """Without what differs from run to run."""
    for pattern, name in ((r'\b[0-9a-f]{8}\b', 'ID'), (r'(/\S+)+/shared/', 'SHARED/'),
                          (r'[\d.]+ s, [\d.]+ .iB/s', 'PACE'),
                          # Of two that have it one may have given it all.
                          (r'from \d+ sources?', 'from SOURCES'), (r' at \S+:\d+\.', ' at ADDRESS.')):
        text = re.sub(pattern, name, text)
    return text.splitlines()


@pytest.fixture
def typed(world):
    """What a session shows, each command before its output."""
    directory = world.directory()
    for name, files in (('ana', {}), ('eva', {'report.txt': SMALL})):
        world.peer(name, {'papers/report-2026.pdf': REPORT, **files}, directory)
    watcher = directory.rest.login('watcher', 'x', '10.9.9.9')['token']
    world.wait_for_source(directory, watcher, 'report-2026.pdf', 2)
    world.wait_for_source(directory, watcher, 'report.txt')
    client = world.client(directory, 'luis', beside=world.peer('luis'))

    def run(*words):
        return ['$ peer-client ' + ' '.join(words),
                *general(client.run_plain('--config', client.config, *words).out), '']
    terminal = client.terminal('login', '--username', 'luis')
    terminal.answer('Enter password: ', 'secreto')
    assert terminal.wait_for_end() == 0
    login = ['$ peer-client login --username luis', *general(terminal.transcript), '']
    return login + run('search', 'report') + run('get', 'papers/report-2026.pdf')


@pytest.mark.parametrize('readme', ['README.md', 'README.es.md'])
def test_the_pictured_session_is_real(readme, typed):
    shown = [line for each in pictured(readme) for line in (general(each) or [''])]
    assert shown == [line.rstrip() for line in typed[:-1]]
