"""What a page or route may ask during one request: metrics, their evidence and messages, each leaving an audit row."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from heedful.errors import Bug
from heedful.insight.accuracy import measured
from heedful.insight.ask import Accuracy, Answer, Question, ask
from heedful.insight.checking import Task, examples
from heedful.insight.evidence import evidence
from heedful.insight.messages import SHOWN, Found, Query, conversation, count, find, one
from heedful.insight.named import names
from heedful.insight.standing import Standing, standing
from heedful.insight.studies import Asked, of_view
from heedful.insight.trying import Tried, try_out
from heedful.query.tree import Tree
from heedful.server.kept import Kept
from heedful.settings import Settings
from heedful.store.search import Search
from heedful.store.view import View

Audit = Callable[[str, Mapping[str, object]], None]
"""Keeps what was asked: the kind of question and its particulars."""
Where = Sequence[tuple[str, str | None]]


@dataclass(frozen=True)
class Asker:
    """One viewer's questions at one moment, in one time zone.

    `view` is what the viewer may read, `now` the time of the request, `audit` is called once for each answer, and
    `accuracy` gives the measured errors of a reading. With `kept`, standing questions are answered from there;
    `again` opens the same asker anew, on the state of the store at that time.
    """

    view: View
    search: Search
    settings: Settings
    now: datetime
    zone: str
    audit: Audit
    accuracy: Accuracy = measured
    kept: Kept | None = None
    again: Callable[[], AbstractContextManager["Asker"]] | None = None

    def may(self, what: str) -> bool:
        """Whether the viewer has a right, such as to read text."""
        return self.view.viewer.may(what)

    def names(self) -> Mapping[str, str]:
        """What topics and themes are called."""
        return names(self.view)

    def ask(
        self,
        metric: str,
        *,
        by: Sequence[str] = (),
        where: Where = (),
        since: str | None = None,
        until: str | None = None,
        compare: bool = False,
    ) -> Answer:
        """A metric's figures, in this request's zone."""
        return self.answer(Question(metric, tuple(by), tuple(where), since, until, self.zone, compare))

    def answer(self, question: Question) -> Answer:
        """The figures of a whole question."""
        weightings = self.settings.weights
        answer = ask(self.view, question, now=self.now, accuracy=self.accuracy, weightings=weightings)
        self.audit("ask", {**_particulars(question), "as_of": answer.as_of, "figures": len(answer.figures)})
        return answer

    def standing(
        self, name: Hashable, ask_all: Callable[["Asker"], Mapping[str, Answer]]
    ) -> tuple[Mapping[str, Answer], datetime]:
        """Answers that a page asks for whoever opens it, and when they were made: at most ten minutes ago.

        `name` stands for the questions; readers who may see the same share the answers. Each reader's look is audited.
        """

        def held(asker: Asker) -> Mapping[str, Answer]:
            with asker.view.holding():
                return ask_all(asker)

        made: tuple[Mapping[str, Answer], datetime] = self._standing(name, held, list)
        return made

    def studied(self, name: str, question: Question) -> pa.Table:
        """A study's answer about the workspace, kept for whoever asks the same: at most ten minutes old."""
        asked = ("study", name, *(str(part) for part in _particulars(question).values()))
        found: tuple[pa.Table, datetime] = self._standing(asked, lambda asker: asker.study(name, question), len)
        return found[0]

    def _standing(
        self, name: Hashable, work: Callable[["Asker"], Any], told: Callable[[Any], object]
    ) -> tuple[Any, datetime]:
        """What somebody who may see the same was told lately, or is told now, and when; `told` is for the audit."""

        def make(asker: Asker = self) -> tuple[Any, str, datetime]:
            return work(asker), asker.view.as_of, asker.now

        def renew() -> tuple[Any, str, datetime]:
            if self.again is None:
                raise Bug("standing answers are renewed by an asker that cannot be opened again")
            with self.again() as asker:
                return make(asker)

        if self.kept is None or self.again is None:
            return work(self), self.now
        who = self.view.viewer
        made = self.kept.get((name, who.roles, who.purpose, who.smallest, self.zone), self.view.as_of, make, renew)
        if made.at != self.now:
            self.audit("ask", {"kept": str(name), "answers": told(made.value), "made": made.at.isoformat()})
        return made.value, made.at

    def evidence(self, question: Question, *, as_of: str | None = None, offset: int = 0, limit: int = 50) -> pa.Table:
        """The rows behind a figure, a page of them; with `as_of`, as they were when the figure was made."""
        rows = evidence(self.view, question, as_of=as_of, offset=offset, limit=limit, now=self.now)
        self.audit("evidence", {**_particulars(question), "as_of": as_of, "offset": offset, "rows": rows.num_rows})
        return rows

    def find(
        self,
        words: str = "",
        *,
        where: Where = (),
        since: str | None = None,
        until: str | None = None,
        below: int | None = None,
        limit: int = 50,
    ) -> Found:
        """Messages with these words that fit the filters, newest first."""
        query = Query(words, tuple(where), since, until, self.zone)
        found = find(self.view, self.search, query, below=below, limit=limit, now=self.now)
        asked = {"words": words, "where": dict(where), "since": since, "until": until, "below": below}
        self.audit("find", {**asked, "rows": found.rows.num_rows})
        return found

    def count(
        self, words: str = "", *, where: Where = (), since: str | None = None, until: str | None = None
    ) -> int | None:
        """How many messages fit; None where their words are too frequent to count."""
        query = Query(words, tuple(where), since, until, self.zone)
        counted = count(self.view, self.search, query, now=self.now)
        asked = {"words": words, "where": dict(where), "since": since, "until": until}
        self.audit("count", {**asked, "rows": counted})
        return counted

    def try_search(self, tree: Tree, *, where: Where = (), since: str | None = None, until: str | None = None) -> Tried:
        """What a search finds among messages that fit the filters, and what each of its clauses does."""
        query = Query("", tuple(where), since, until, self.zone)
        tried = try_out(self.view, self.search, tree, query, now=self.now)
        asked = {"words": tried.query, "where": dict(where), "since": since, "until": until}
        self.audit("try search", {**asked, "rows": tried.found.rows})
        return tried

    def message(self, id: str) -> dict[str, Any] | None:
        """One message with every reading; None where the viewer sees none of this id."""
        row = one(self.view, id)
        self.audit("message", {"id": id, "rows": int(row is not None)})
        return row

    def conversation(self, id: str, *, limit: int = 50) -> pa.Table:
        """The messages of a message's thread, oldest first, itself among them."""
        rows = conversation(self.view, id, limit)
        self.audit("conversation", {"id": id, "rows": rows.num_rows})
        return rows

    def study(self, name: str, question: Question) -> pa.Table:
        """A study's answer about the workspace."""
        found = of_view(name).of_view(Asked(self.view, question, self.now, self.accuracy))
        self.audit("study", {"study": name, **_particulars(question), "as_of": self.view.as_of})
        return found

    def standing_of(self, task: Task) -> Standing:
        """How far people's checking of a reading is, and how often it is right."""
        self.audit("checks", {"reading": task.reading, "where": dict(task.where)})
        return standing(self.view, task)

    def examples(self, reading: str) -> pa.Table:
        """What people checked, with its text; NotAllowed without the right to export."""
        self.view.viewer.must("export")
        rows = examples(self.view, Task(reading))
        self.audit("examples", {"reading": reading, "rows": rows.num_rows})
        return rows

    def readings(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The readings of messages that a list shows, by the message's id."""
        frame = self.view.frame("reading")
        kept = [name for name in frame.collect_schema().names() if name in (*SHOWN, "message")]
        rows = frame.select(kept).filter(nw.col("message").is_in(list(ids))).collect("pyarrow").to_arrow()
        return {row["message"]: row for row in rows.to_pylist()}


def _particulars(question: Question) -> dict[str, object]:
    asked: dict[str, object] = {"metric": question.metric, "by": list(question.by), "where": dict(question.where)}
    period = {"since": question.since, "until": question.until, "zone": question.zone}
    return asked | period | ({"weights": question.weights} if question.weights else {})
