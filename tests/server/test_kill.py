"""kill -9 at random moments under load: nothing acknowledged is lost, nothing is there twice."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from heedful.store.place import Place
from load import Load, stored_ids
from serving import await_ready, start, write_key


def worker_of(process: subprocess.Popen[bytes]) -> int | None:
    """The worker process of a server, if it has started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else None


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the worker process in /proc")
@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.soak)])
def test_kills_lose_and_double_nothing(place: Place, kills: int) -> None:
    from heedful.privacy.pseudonym import person_number

    draw = random.Random(20)
    port = [0]
    with Load(write_key(place), port) as load:
        for kill in range(kills):
            process = start(place)
            port[0] = int(await_ready(place, process, path="/healthz").url.rpartition(":")[2])
            time.sleep(draw.uniform(0.05, 1.5))
            worker = worker_of(process)
            if kill % 3 == 2 and worker:
                os.kill(worker, signal.SIGKILL)
                time.sleep(draw.uniform(0.05, 0.5))
                worker = worker_of(process)
            for pid in (process.pid, worker):
                if pid:
                    os.kill(pid, signal.SIGKILL)
            process.wait()
    process = start(place)
    server = await_ready(place, process, patience=60.0 + 2 * kills)  # it stores first what all the others took in
    server.settle()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    people = stored_ids(place)
    assert len(people) == len(set(people)), "a record is there twice"
    stored = set(people)
    lost = [id for id in load.acknowledged if person_number(id, place.keys.person) not in stored]
    assert not lost, f"{len(lost)} acknowledged records were lost"
    assert len(load.acknowledged) > min(1000, 200 * kills)
    assert stored <= {person_number(id, place.keys.person) for id in load.sent}
