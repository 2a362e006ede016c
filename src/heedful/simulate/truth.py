"""What was planted, written down: never in a record, only beside the workspace, for tests and for the curious."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from heedful.errors import Bug
from heedful.simulate.calendar import Incident, Plan
from heedful.simulate.world import Fact, Said

YES_NO = ("irony", "notice", "repost", "personal")


class Ledger:
    """Collects the truth about each message while a history is told; `facts` are in order of time."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.facts: list[Fact] = []
        self.counts: Counter[str] = Counter()
        self.story: tuple[int, Plan] | None = None

    def learn(self, said: list[Said]) -> None:
        """Take in what was said on a day."""
        self.counts.update(one.table for one in said)
        self.facts += [one.fact for one in said if one.fact]

    def close(self, seed: int, plan: Plan) -> None:
        """The history is told; keep what it was."""
        self.story = (seed, plan)

    def summary(self) -> dict[str, Any]:
        """The contents of truth.json: incidents and totals; Bug before the history ends."""
        if self.story is None:
            raise Bug("the truth of a history is asked for before all of it is told")
        seed, plan = self.story
        facts = [fact for fact in self.facts if fact.occurred_at < plan.end]
        return {
            "seed": seed,
            "start": plan.start.isoformat(),
            "end": plan.end.isoformat(),
            "price_rise": {"per_cent": plan.rise, "effective": plan.effective.isoformat()},
            "messages": len(facts),
            "answers": self.counts["answer"],
            "by_channel": _totals(facts, "channel"),
            "by_sentiment": _totals(facts, "sentiment"),
            "by_topic": _totals(facts, "topic"),
            "by_language": _totals(facts, "language"),
            "by_day": _by_day(facts),
            "incidents": [self._incident(incident, facts) for incident in plan.incidents],
        }

    def _incident(self, incident: Incident, facts: list[Fact]) -> dict[str, Any]:
        caused = [fact for fact in facts if fact.incident == incident.name]
        return {
            "name": incident.name,
            "start": incident.start.isoformat(),
            "end": incident.end.isoformat(),
            "topic": incident.topic,
            "place": incident.place,
            "channels": list(incident.channels),
            "summary": incident.summary,
            "expected": incident.expected,
            "messages": len(caused),
            "by_sentiment": _totals(caused, "sentiment"),
            "by_channel": _totals(caused, "channel"),
        }

    def write(self, folder: Path) -> None:
        """Write truth.json and truth.parquet into `folder`, which is made where it does not exist."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.summary(), indent=1, ensure_ascii=False)
        (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
        columns = {name: [getattr(fact, name) for fact in self.facts] for name in Fact._fields}
        kinds = {"occurred_at": pa.timestamp("us", tz="UTC")} | dict.fromkeys(YES_NO, pa.bool_())
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in Fact._fields])
        pq.write_table(pa.table(columns, schema=schema), folder / "truth.parquet", compression="zstd")


def _totals(facts: list[Fact], field: str) -> dict[str, int]:
    return dict(Counter(getattr(fact, field) for fact in facts).most_common())


def _by_day(facts: list[Fact]) -> dict[str, dict[str, int]]:
    days: dict[str, Counter[str]] = {}
    for fact in facts:
        days.setdefault(_day(fact.occurred_at), Counter())[fact.sentiment] += 1
    return {day: dict(counted) for day, counted in sorted(days.items())}


def _day(at: datetime) -> str:
    return at.date().isoformat()
