"""One process listens to a workspace's sources at a time: the lock goes when the process does, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heedful.errors import TryLater

NAME = "listen.lock"


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Nobody else listens in the block; TryLater where somebody does already."""
    with (data / NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TryLater(
                "another `heedful listen`, or a server, listens to this workspace's sources already: stop it first"
            ) from None
        yield
