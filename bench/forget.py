"""Erase one person among a million, with two million messages, beside a running server.

`python bench/forget.py [--rows N] [--people N] [--folder DIR]`; DIR keeps the filled workspace's template for another
run. The person wrote 100 messages, and 50 of other people mention them. Measured: until nobody sees anything of them,
until it is in no file any more, the longest time without an answer, memory of the worker, and disk.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import httpx2
import pyarrow.parquet as pq

from heedful.language import annotate
from heedful.privacy.pseudonym import person_number
from heedful.privacy.sealed import Identity
from heedful.store.place import Place, make
from heedful.store.schema import BESIDE, NEW_PEOPLE, WHO
from machine import save
from search_corpus import batches, corpus

PERSON = "canary_4711@example.org"
WROTE, MENTIONED = 100, 50


def fill(folder: Path, rows: int, people: int) -> Place:
    """A workspace with messages, readings, identities and a search index."""
    if (folder / "heedful.toml").exists():
        return Place.at(folder)
    made = make(folder)
    settings = folder / "heedful.toml"
    settings.write_text(settings.read_text().replace('role = "analyst" ', 'role = "privacy officer" '))
    corpus(rows, folder)
    made.store().close()
    person = person_number(PERSON, made.keys.person)
    with duckdb.connect(str(made.data / "heedful.duckdb")) as con:
        con.register("corpus", pq.read_table(folder / "corpus.parquet"))
        con.execute(_MESSAGES, {"person": person, "rows": rows, "people": people, "mark": f" @p_{person:016x} knows"})
        con.execute(_READINGS, {"version": annotate.version()})
        con.execute(NEW_PEOPLE.format(came="select distinct person from facts.message"))
        con.execute(WHO.format(table="facts.message"))
        con.execute(BESIDE.format(readings="facts.reading"))
        con.execute(f"update facts.progress set n = {3 * rows}, r = {3 * rows}")
        numbers = [number for (number,) in con.execute("select person from facts.person").fetchall()]
    identities = made.identities()
    for first in range(0, len(numbers), 50_000):
        some = numbers[first : first + 50_000]
        identities.keep([Identity(one, "email", PERSON if one == person else f"{one}@example.net") for one in some])
    identities.close()
    search = made.search()
    for batch in batches(folder):
        search.add(batch, through=batch["n"][-1].as_py())
    search.close()
    return made


_MESSAGES = f"""
    insert into facts.message by name
    select n, md5(n::varchar) as id, 'bench' as source, channel, 'post' as kind, 'in' as direction, occurred_at,
    case when n // 3 % ($rows // {WROTE}) = 0 then $person::ubigint else hash(hash(n) % $people) end as person,
    case when n // 3 % ($rows // {MENTIONED}) = 7 then text || $mark else text end as text,
    occurred_at as ingested_at, ('0x' || md5(n::varchar)[:16])::ubigint as key, n::ubigint as version from corpus"""
_READINGS = """
    insert into facts.reading by name
    select n, id as message, $version as version, n as r, occurred_at as read_at, 'en' as language,
    'neutral' as sentiment, person, occurred_at from facts.message"""


class Watch:
    """Looks at the disk, the worker's memory and whether questions are answered, until the block ends."""

    def __init__(self, place: Place, process: subprocess.Popen[bytes], url: str, headers: dict[str, str]) -> None:
        self._place, self._pid, self._url, self._headers = place, process.pid, url, headers
        self._over = threading.Event()
        self.disk = self.memory = 0
        self.waited = self.away = 0.0

    def __enter__(self) -> "Watch":
        self._threads = [threading.Thread(target=look) for look in (self._sizes, self._answers)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _sizes(self) -> None:
        while not self._over.wait(0.2):
            self.disk = max(self.disk, disk(self._place))
            with suppress(OSError, StopIteration, IndexError):
                child = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()[0]
                lines = Path(f"/proc/{child}/status").read_text().splitlines()
                told = next(line for line in lines if line.startswith("VmHWM"))
                self.memory = max(self.memory, int(told.split()[1]))

    def _answers(self) -> None:
        """The longest time of one answer, and the longest stretch without any."""
        answered = time.perf_counter()
        while not self._over.wait(0.05):
            asked = time.perf_counter()
            with suppress(httpx2.TransportError):
                answer = httpx2.get(f"{self._url}/v1/status", headers=self._headers, timeout=120)
                now = time.perf_counter()
                if answer.is_success:
                    self.waited, self.away = max(self.waited, now - asked), max(self.away, now - answered)
                    answered = now


def disk(place: Place) -> int:
    """Bytes of the data folder."""
    total = 0
    for path in place.data.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total


def erased(place: Place) -> dict[str, Any]:
    """Erase the person beside a running server."""
    command = [sys.executable, "-m", "heedful", "serve", "--workspace", str(place.folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        notice, headers = ready(place)
        before = disk(place)
        with Watch(place, process, notice["url"], headers) as watch:
            began = time.perf_counter()
            body = {"person": [PERSON]}
            answer = httpx2.post(f"{notice['url']}/v1/people/forget", json=body, headers=headers, timeout=300)
            counts = answer.raise_for_status().json()["counts"]
            invisible = time.perf_counter() - began
            receipt = done(notice["url"], headers)
            gone = time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    return {
        "seconds_until_invisible": round(invisible, 2),
        "seconds_until_off_the_disk": round(gone, 1),
        "longest_without_an_answer_s": round(watch.away, 1),
        "longest_answer_s": round(watch.waited, 1),
        "peak_memory_of_worker_mb": round(watch.memory / 1e3),
        "disk_before_mb": round(before / 1e6),
        "disk_at_most_mb": round(watch.disk / 1e6),
        "disk_after_mb": round(disk(place) / 1e6),
        "written_anew_mb": round(receipt["bytes_after"] / 1e6),
        "counts": {name: count for name, count in counts.items() if count},
    }


def ready(place: Place) -> tuple[Any, dict[str, str]]:
    """Where the server is, once it answers."""
    while True:
        if notice := place.running():
            with suppress(httpx2.TransportError):
                if httpx2.get(f"{notice['url']}/readyz", timeout=10).is_success:
                    return notice, {"authorization": f"Bearer {notice['token']}"}
        time.sleep(0.1)


def done(url: str, headers: dict[str, str]) -> Any:
    """The receipt, once the erasure is done."""
    while True:
        with suppress(httpx2.TransportError):
            answer = httpx2.get(f"{url}/v1/receipts", headers=headers, timeout=120)
            if answer.is_success and answer.json()[0]["done_at"]:
                return answer.json()[0]
        time.sleep(0.2)


def main() -> None:
    """Fill, copy, erase."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--fill-only", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("HEEDFUL_BENCH_DIR")) as folder:
        template = given.folder or Path(folder) / "template"
        fill(template, given.rows, given.people)
        if given.fill_only:
            return
        shutil.copytree(template / "data", Path(folder) / "ws" / "data")
        for name in ("heedful.toml", "secret.key"):
            shutil.copy(template / name, Path(folder) / "ws" / name)
        figures = erased(Place.at(Path(folder) / "ws"))
        save("forget", {f"one_of_{given.people}_people_in_{given.rows}_messages": figures})


if __name__ == "__main__":
    main()
