"""A workspace from Python: `heedful.open(DIR)`, then ask, import, read and look into quarantine.

While a server runs on the workspace it owns the database: questions then go to it, and what is brought in
goes through the journal, which both may write to.
"""

import getpass
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from heedful.errors import BadSettings, HeedfulError, NotAllowed, NotFound, TryLater
from heedful.store.place import Place, make

if TYPE_CHECKING:
    import httpx2
    import pyarrow as pa

    from heedful.insight.ask import Question
    from heedful.intake.drain import Drain
    from heedful.intake.forget import Forgetting
    from heedful.privacy.viewer import Viewer
    from heedful.store.backup.snapshot import Snapshot
    from heedful.store.facts import Store
    from heedful.store.journal import Journal


STARTING_SECONDS = 30.0


@dataclass(frozen=True)
class Workspace:
    """One workspace folder, asked as this machine's user."""

    place: Place

    def ask(self, question: "Question") -> Mapping[str, Any]:
        """A metric's answer, as `GET /v1/metrics/{name}` gives it."""
        if self.place.running():
            return self._from_server(f"/v1/metrics/{question.metric}", _asked(question))
        from heedful.insight.accuracy import measured_beside
        from heedful.insight.ask import ask

        with self.store() as store, store.view(self.viewer) as view:
            now = datetime.now(UTC)
            accuracy = measured_beside(self.place.settings.models)
            answer = ask(view, question, now=now, accuracy=accuracy, weightings=self.place.settings.weights)
            self._audit("ask", {**_asked(question), "metric": question.metric, "as_of": answer.as_of}, now)
            return answer.to_json()

    def evidence(self, question: "Question", *, offset: int = 0, limit: int = 100) -> Mapping[str, Any]:
        """The rows behind a figure, newest first."""
        page = {"offset": str(offset), "limit": str(limit)}
        if self.place.running():
            return self._from_server(f"/v1/metrics/{question.metric}/evidence", {**_asked(question), **page})
        from heedful.insight.ask import evidence

        with self.store() as store, store.view(self.viewer) as view:
            now = datetime.now(UTC)
            rows = evidence(view, question, as_of=None, offset=offset, limit=limit, now=now)
            self._audit("evidence", {**_asked(question), "metric": question.metric, "as_of": view.as_of}, now)
            return {"as_of": view.as_of, "rows": rows.to_pylist(maps_as_pydicts="lossy")}

    def study(self, name: str, question: "Question") -> "pa.Table":
        """A study's answer about the workspace: what `question` asks, taken further."""
        if self.place.running():
            import pyarrow as pa
            import pyarrow.parquet as pq

            asked = {**_of(question), "format": "parquet"}
            answer = self._answer(f"/v1/studies/{quote(name, safe='')}", asked)
            return pq.read_table(pa.BufferReader(answer.content))
        from heedful.insight.accuracy import measured_beside
        from heedful.insight.studies import Asked, of_view

        study = of_view(name)
        with self.store() as store, store.view(self.viewer) as view:
            now = datetime.now(UTC)
            found = study.of_view(Asked(view, question, now, measured_beside(self.place.settings.models)))
            self._audit("study", {"study": name, **_of(question), "as_of": view.as_of}, now)
            return found

    def checked(self, reading: str = "sentiment") -> Mapping[str, Any]:
        """How often a reading is right, as far as people checked it."""
        if self.place.running():
            return self._from_server(f"/v1/checks/{quote(reading, safe='')}", {})
        from heedful.insight.checking import Task
        from heedful.insight.standing import standing

        task, now = Task(reading), datetime.now(UTC)
        with self.store() as store, store.view(self.viewer) as view:
            self._audit("checks", {"reading": reading}, now)
            return standing(view, task).to_json()

    def examples(self, reading: str = "sentiment") -> Sequence[Mapping[str, Any]]:
        """What people checked: id, text, label, and what it had been read as; needs the right to export."""
        if self.place.running():
            found: Sequence[Mapping[str, Any]] = self._from_server(
                f"/v1/checks/{quote(reading, safe='')}/examples", {}
            )["rows"]
            return found
        from heedful.insight.checking import Task, examples

        task = Task(reading)
        self.viewer.must("export")
        with self.store() as store, store.view(self.viewer) as view:
            rows: Sequence[Mapping[str, Any]] = examples(view, task).to_pylist()
        self._audit("examples", {"reading": reading, "rows": len(rows)}, datetime.now(UTC))
        return rows

    @property
    def viewer(self) -> "Viewer":
        """This machine's user, with the role that heedful.toml gives and the purpose `insight`."""
        from heedful.privacy.viewer import Viewer

        settings = self.place.settings
        roles = frozenset({settings.local_role})
        return Viewer(f"local:{_user()}", roles, "insight", settings.smallest_group)

    @contextmanager
    def store(self) -> Iterator["Store"]:
        """The facts, opened by this process; TryLater while a server owns them."""
        from heedful.intake.forget import go_on

        go_on(self.place)
        store = self.place.store()
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def storing(self) -> Iterator["Journal"]:
        """The journal to append to, while the server, or a thread of this process, stores what comes."""
        journal = self.place.journal()
        if self.place.running():
            yield journal
            journal.close()
            return
        stop = threading.Event()
        with self.store() as store, ThreadPoolExecutor(1) as pool:
            drain = self._drain(store)

            def run() -> None:
                while drain.step() or not stop.wait(0.05):
                    pass

            draining = pool.submit(run)
            try:
                yield journal
            finally:
                stop.set()
            draining.result()
            drain.all()  # what came after the thread's last look
            journal.close()

    def settle(self, import_id: str, *, told: Callable[[int], None] = lambda _: None) -> Mapping[str, int]:
        """Wait until all that was journaled is stored, and say what became of one import.

        The running server does the storing; without one, this process does.
        """
        if not self.place.running():
            with self.store() as store:
                self._drain(store).all(lambda tallies: told(sum(t.taken + t.already for t in tallies)))
                return _summed([asdict(tally) for tally in store.tallies(import_id)])
        journal = self.place.journal()
        while waiting := journal.backlog().records:
            told(-waiting)
            time.sleep(0.1)
        journal.close()
        found: Any = self._from_server(f"/v1/imports/{import_id}", {})
        return _summed(found)

    def imports(self) -> Sequence[Mapping[str, Any]]:
        """Every import there was, the latest first, with what became of it; times in UTC."""
        if self.place.running():
            found: Any = self._from_server("/v1/imports", {})
            return list(found)
        from heedful.intake import undo

        with self.store() as store:
            return [asdict(one) for one in undo.past(store, self.viewer)]

    def take_back(self, import_id: str, *, dry: bool = False) -> Mapping[str, Any]:
        """Take an import back, or with `dry` only say what would go: rows by table, and how many versions return."""
        if self.place.running():
            return self._from_server(f"/v1/imports/{quote(import_id, safe='')}/undo", {}, {"dry": dry})
        from heedful.intake import undo

        with self.store() as store:
            drain = self._drain(store)
            if dry:
                return asdict(undo.preview(drain, import_id, self.viewer))
            found = undo.take_back(self.place, drain, import_id, self.viewer, datetime.now(UTC))
            search = self.place.search()
            while undo.mend(store, search):
                pass
            search.close()
            return asdict(found)

    # Erasing

    def preview(self, people: Sequence[str]) -> Mapping[str, int]:
        """How much there is of people, by kind; each is an e-mail, handle, phone, customer number or p_ pseudonym."""
        if self.place.running():
            found: Mapping[str, int] = self._from_server(FORGET, {}, {"person": list(people), "dry": True})
            return found
        with self._forgetting() as forgetting:
            return forgetting.preview(people, self.viewer, datetime.now(UTC))

    def forget(self, people: Sequence[str]) -> Mapping[str, Any]:
        """Erase people: when it returns, nobody can see anything of them any more. The receipt, as it stands then.

        A running server then writes its files anew by itself: `erased` waits for that. Without one, it is done.
        """
        if self.place.running():
            return self._from_server(FORGET, {}, {"person": list(people)})
        with self._forgetting() as forgetting:
            receipt = forgetting.forget(people, self.viewer, datetime.now(UTC))
            forgetting.compact()
        self.place.store().close()  # which puts the facts' copy in place
        return next(one for one in self.receipts() if one["id"] == receipt.id)

    def receipts(self) -> Sequence[Mapping[str, Any]]:
        """Every erasure there was, newest first: of how many people, how many rows, when; never of whom."""
        if self.place.running():
            found: Any = self._from_server("/v1/receipts", {})
            return list(found)
        with self._forgetting() as forgetting:
            return [asdict(one) for one in forgetting.receipts(self.viewer)]

    def erased(self, id: str, *, patience: float = 600.0) -> Mapping[str, Any]:
        """The receipt of an erasure once nothing of it is left in any file; TryLater where that takes longer."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            with suppress(TryLater):  # the server is starting anew
                receipt = next(one for one in self.receipts() if one["id"] == id)
                if receipt["done_at"]:
                    return receipt
            time.sleep(0.5)
        raise TryLater(
            f"erasure {id} goes on: nobody sees its rows, and `heedful forget --receipts` tells when it is done"
        )

    def _forgetting(self) -> "AbstractContextManager[Forgetting]":
        from heedful.intake.forget import go_on, opened

        go_on(self.place)
        return opened(self.place)

    @contextmanager
    def snapshot(self) -> Iterator["Snapshot"]:
        """A copy of every database at one moment, there until the block ends.

        The running server makes it, and takes records in meanwhile; without one, this process does.
        """
        from heedful.store.backup import snapshot

        if self.place.running():
            copied = self._server_copies()
        else:
            from heedful.intake.forget import go_on

            go_on(self.place)
            copied = snapshot.take(self.place.data, partial(snapshot.alone, self.place.data / snapshot.FACTS))
        try:
            yield copied
        finally:
            shutil.rmtree(copied.folder, ignore_errors=True)

    def _server_copies(self) -> "Snapshot":
        from heedful.store.backup.snapshot import Snapshot

        begun = self._from_server("/v1/backups", {}, method="POST")
        while not (made := self._from_server(f"/v1/backups/{begun['id']}", {}))["done"]:
            pass  # each answer takes some seconds
        return Snapshot(self.place.data / made["folder"], made["schema"], made["rows"])

    def _drain(self, store: "Store") -> "Drain":
        from heedful.intake.drain import Drain

        place = self.place
        return Drain(place.journal(), store, place.identities(), place.keys, place.brands)

    def _audit(self, action: str, details: Mapping[str, object], now: datetime) -> None:
        audit = self.place.audit()
        audit.write(self.viewer, [(action, details)], now)
        audit.close()

    def _from_server(
        self,
        path: str,
        params: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        *,
        method: str | None = None,
    ) -> Mapping[str, Any]:
        """What the server answers in JSON; with a body, what it answers to that."""
        found: Mapping[str, Any] = self._answer(path, params, body, method=method).json()
        return found

    def _answer(
        self,
        path: str,
        params: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        *,
        method: str | None = None,
    ) -> "httpx2.Response":
        """The server's answer; its errors are raised as ours."""
        import httpx2

        notice = self.place.running()
        if notice is None:
            raise TryLater("the server stopped just now: do the same again")
        headers = {"authorization": f"Bearer {notice['token']}", "heedful-user": _user()}
        until = time.monotonic() + STARTING_SECONDS
        try:
            method = method or ("GET" if body is None else "POST")
            while True:
                answer = to_own_server(
                    method, notice["url"] + path, params=params, json=body, headers=headers, timeout=120
                )
                if answer.status_code != 503 or time.monotonic() > until:
                    break
                time.sleep(0.5)  # it is starting, or starts anew after an erasure
        except httpx2.TransportError as error:
            raise TryLater(f"the server at {notice['url']} does not answer: {error}") from None
        if answer.is_error:
            raise _error(answer)
        return answer


FORGET = "/v1/people/forget"


def to_own_server(method: str, url: str, **more: Any) -> "httpx2.Response":
    """What the server on this machine answers; no TLS certificates are loaded for it, which takes 50 ms."""
    import ssl

    import httpx2

    return httpx2.request(method, url, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), **more)


def open(folder: str | Path) -> Workspace:
    """Open a workspace that `heedful init` made."""
    return Workspace(Place.at(Path(folder)))


def init(folder: str | Path, *, name: str | None = None) -> Workspace:
    """Make a workspace."""
    return Workspace(make(Path(folder), name=name))


def _user() -> str:
    """This machine's user; in a container it may have a number and no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _summed(tallies: list[dict[str, Any]]) -> Mapping[str, int]:
    return {name: sum(t[name] for t in tallies) for name in ("taken", "already", "quarantined")}


def _asked(question: "Question") -> dict[str, Any]:
    where = [f"{name}={'' if value is None else value}" for name, value in question.where]
    asked: dict[str, Any] = {"by": ",".join(question.by), "where": where, "tz": question.zone}
    asked |= {"since": question.since, "until": question.until, "compare": "before" if question.compare else None}
    asked["weights"] = question.weights
    return {name: value for name, value in asked.items() if value}


def _of(question: "Question") -> dict[str, Any]:
    return {"metric": question.metric, **_asked(question)}


def _error(answer: "httpx2.Response") -> HeedfulError:
    said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    detail = said.get("detail", answer.text)
    return KINDS.get(answer.status_code, HeedfulError)(detail)


KINDS: dict[int, type[HeedfulError]] = {
    400: BadSettings,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    429: TryLater,
    503: TryLater,
}
