import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'support'))

from support.process import BIN  # noqa: E402
from support.world import World  # noqa: E402


def pytest_sessionstart(session):
    missing = [name for name in ('main-server', 'peer-server', 'peer-client')
               if not (BIN / name).exists()]
    if missing:
        pytest.exit(f'{", ".join(missing)} not built in {BIN}; scripts/test.sh suite builds first', 1)


@pytest.fixture
def world(tmp_path, request):
    made = World(tmp_path)
    request.node.world = made
    yield made
    made.close()


@pytest.fixture(params=['password', 'open'])
def directory(world, request):
    """A directory in either mode; what holds in one holds in the other."""
    return world.directory(auth={'mode': request.param})


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    made = getattr(item, 'world', None)
    if report.failed and made is not None:
        report.sections.append(('what the programs said', made.logs()))
