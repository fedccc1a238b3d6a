"""Waiting on conditions, with a deadline; nothing in the suite waits for time."""
import os
import threading
import time

# Sanitizer builds are slower; TRUEQUE_PATIENCE stretches every deadline.
PATIENCE = float(os.environ.get('TRUEQUE_PATIENCE', '1'))
_never = threading.Event()


def wait_until(condition, what, seconds=20.0):
    """The first true value `condition` gives; fails naming `what` at the deadline.
    `what` is a text, or a function that makes one."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {seconds} s: {what() if callable(what) else what}')
        _never.wait(0.02)
