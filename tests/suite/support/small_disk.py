"""A disk of a test's own that can be full or read-only; needs root."""
import os
import subprocess

import pytest


def small_disk_problem(folder) -> str:
    """Why this machine can give no small disk of its own; empty when it can."""
    if os.geteuid() != 0:
        return 'needs root to mount a small tmpfs'
    tried = subprocess.run(['unshare', '-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs',
                            str(folder)], capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else ''


@pytest.fixture
def disk(world, tmp_path):
    """Mounts a tmpfs of so many MiB at a folder, for this test alone."""
    folder = tmp_path / 'probe'
    folder.mkdir()
    problem = small_disk_problem(folder)
    if problem:
        pytest.skip(f'no small disk here: {problem}')

    def mount(path, mib):
        path.mkdir(parents=True, exist_ok=True)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={mib}m', 'tmpfs', str(path)],
                       check=True)
        world.on_close(lambda: subprocess.run(['umount', '-l', str(path)], check=False))
        return path
    return mount
