"""An invented shop for tests of pages: its messages taken in for real, read by a rule, and served as one viewer."""

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from heedful.intake.door import look
from heedful.intake.drain import Drain
from heedful.intake.forget import Forgetting
from heedful.language import annotate
from heedful.language.unread import read_these, unread
from heedful.privacy.viewer import Viewer
from heedful.records import GIVEN
from heedful.server import site
from heedful.server.asker import Asker
from heedful.server.imports import Imports
from heedful.server.keeping import Keeping
from heedful.server.upkeep import Upkeep
from heedful.settings import Brand
from heedful.store.facts import Store
from heedful.store.place import Place, make
from heedful.store.search import Search

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
DEMO = Viewer("demo", frozenset({"demo"}), smallest=5)
BRANDS = (Brand("Larkfield", ("@larkfield",)), Brand("Oakmere", competitor=True), Brand("Pellow", competitor=True))
SAID = (
    "The lamp is lovely and came two days early.",
    "Third parcel this month that was left out in the rain, I am so tired of it.",
    "The shop on the corner closes at six on Sundays.",
    "Nobody picks up the phone and the app forgets my basket, awful.",
    "Lovely people at the counter, thank you!",
    "Is the oak table coming back in spring?",
)
CHANNELS = ("social", "review", "chat", "email")
RULE = {"lovely": "positive", "awful": "negative", "tired": "negative"}


@dataclass
class Shop:
    """A workspace with an app over it; `viewer` and `now` may be changed between requests."""

    place: Place
    store: Store
    search: Search
    viewer: Viewer = DEMO
    now: datetime = NOW
    zone: str = "Europe/Berlin"
    refuse: Exception | None = None
    imports: Imports = field(init=False)
    audit: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """No file is being brought in."""
        self.imports = Imports(self.place)

    def take(self, table: str, records: list[dict[str, Any]], *, read: bool = True) -> None:
        """Records through the door, and messages read and indexed."""
        self.take_raw(table, msgspec.json.encode(records), read=read)

    def take_raw(self, table: str, body: bytes, *, read: bool = True) -> None:
        """A request's body through the door."""
        journal, identities = self.place.journal(), self.place.identities()
        journal.append([look(table, body, source="shop", most=100_000, import_id="test").entry])
        Drain(journal, self.store, identities, self.place.keys, self.place.brands).all()
        journal.close()
        identities.close()
        if read:
            waiting = unread(self.store, "rule=1")
            if waiting:
                read_these(self.store, waiting, "rule=1", by_rule)
        self.index()

    def read_all(self) -> None:
        """Read what waits with the models that ship."""
        version = annotate.version()
        if waiting := unread(self.store, version):
            read_these(self.store, waiting, version, annotate.read)

    def client(self) -> TestClient:
        """Somebody who asks for pages."""
        return TestClient(self.app())

    def index(self) -> None:
        """Every message into the search index."""
        with self.store.view(Viewer("index", frozenset({"analyst"}))) as view:
            rows = view.frame("message").select("n", "occurred_at", "title", "text").collect("pyarrow").to_arrow()
        if rows.num_rows:
            self.search.add(rows, through=max(rows["n"].to_pylist()))

    def ids(self) -> list[str]:
        """The id of every message that the shop's viewer sees, sorted."""
        with self.store.view(self.viewer) as view:
            return sorted(view.frame("message").select("id").collect("pyarrow").to_arrow()["id"].to_pylist())

    def ids_with(self, word: str) -> list[str]:
        """Ids of messages with a word in their text, whoever may see them."""
        with self.store.view(Viewer("index", frozenset({"analyst"}))) as view:
            rows = view.frame("message").select("id", "text").collect("pyarrow").to_arrow().to_pylist()
        return [row["id"] for row in rows if word in row["text"]]

    @contextmanager
    def asker(self, request: Request) -> Iterator[Asker]:
        """What the request may ask."""
        if self.refuse:
            raise self.refuse
        with self.store.view(self.viewer, as_of=request.query_params.get("as_of") or None) as view:
            note = lambda kind, particulars: self.audit.append((kind, particulars))  # noqa: E731
            yield Asker(view, self.search, self.place.settings, self.now, self.zone, note)

    @contextmanager
    def upkeep(self, request: Request) -> Iterator[Upkeep]:
        """What the request may do to the workspace."""
        if self.refuse:
            raise self.refuse
        place = self.place
        with ExitStack() as files:
            accounts, keys = (
                files.enter_context(closing(place.accounts())),
                files.enter_context(closing(place.api_keys())),
            )
            audit, views = files.enter_context(closing(place.audit())), files.enter_context(closing(place.views()))
            erasures = files.enter_context(closing(place.erasures()))
            journal, identities = (
                files.enter_context(closing(place.journal())),
                files.enter_context(closing(place.identities())),
            )
            keeping = Keeping(
                place, self.store, self.search, Drain(journal, self.store, identities, place.keys, place.brands)
            )
            note = lambda action, details: self.audit.append((action, details))  # noqa: E731
            yield Upkeep(
                self.viewer,
                place,
                self.store,
                keeping,
                accounts,
                keys,
                audit,
                views,
                self.imports,
                Forgetting(place, keeping.drain, self.search, erasures),
                self.now,
                self.zone,
                note,
            )

    def app(self) -> Starlette:
        """The site, served as the worker serves it."""
        settings = self.place.settings
        found = site.routes(
            self.asker,
            self.upkeep,
            settings=settings,
            cache_folder=self.place.data / "cache",
            position=self.store.clock,
        )
        app = Starlette(routes=found)
        site.protect(app, settings)
        return app

    def close(self) -> None:
        """Let go of the files."""
        self.search.close()
        self.store.close()


def open_shop(folder: Path, *, demo: bool = True) -> Shop:
    """An empty shop."""
    place = make(folder / "shop", name="Larkfield Lamps & Tables")
    settings = replace(place.settings, brands=BRANDS, time_zone="Europe/Berlin", demo=demo)
    place = replace(place, settings=settings)
    return Shop(place, place.store(), Search(place.data / "search.db"))


def messages(count: int = 600, *, days: int = 40, seed: int = 7) -> list[dict[str, Any]]:
    """Messages of many people over some days before NOW, with replies, ratings and reach."""
    draw = random.Random(seed)
    made = []
    for i in range(count):
        at = NOW - timedelta(minutes=draw.randint(1, days * 24 * 60))
        asked = {
            "id": f"m{i}",
            "channel": draw.choice(CHANNELS),
            "text": f"{draw.choice(SAID)} Order {i}." if i % 3 else draw.choice(SAID),
            "person": f"person{draw.randint(1, 150)}@example.org",
            "brand": [draw.choice(("Larkfield", "Larkfield", "Oakmere", "Pellow"))] if i % 7 else None,
            "rating": draw.choice((None, 0.0, 0.25, 0.75, 1.0)),
            "reach": draw.choice((None, 10, 2000)),
            "thread": f"t{i}",
            "occurred_at": at.isoformat(),
        }
        made.append(asked)
        if asked["channel"] in ("chat", "email") and i % 2:
            answered = at + timedelta(minutes=draw.randint(2, 300))
            reply = {"channel": asked["channel"], "direction": "out", "text": "Thank you, we look into it."}
            made.append({"id": f"r{i}", "thread": f"t{i}", "occurred_at": answered.isoformat(), **reply})
    return made


def events(count: int) -> list[dict[str, Any]]:
    """Things that different people did in the hours before NOW."""
    return [
        {
            "id": f"e{i}",
            "name": ("view", "buy")[i % 2],
            "person": f"person{i % 30}@example.org",
            "value": float(i) if i % 2 else None,
            "path": f"/lamps/{i}?page=<b>",
            "occurred_at": (NOW - timedelta(hours=i)).isoformat(),
        }
        for i in range(count)
    ]


def texts(*rows: str | None) -> pa.RecordBatch:
    """Texts as a batch of messages."""
    return pa.RecordBatch.from_arrays([pa.array(rows, pa.string())], ["text"])


def by_rule(batch: pa.RecordBatch, rule: Mapping[str, str] = RULE) -> pa.RecordBatch:
    """Readings by one word each; what has none is neutral."""
    names = [field for field in GIVEN["reading"] if field.name not in ("n", "message", "version", "read_at")]
    rows = []
    for text in batch.column("text").to_pylist():
        mood = next((mood for word, mood in rule.items() if word in text.lower()), "neutral")
        sure = {f"sentiment_{name}": 0.9 if name == mood else 0.05 for name in ("negative", "neutral", "positive")}
        rows.append({"language": "en", "sentiment": mood, **sure})
    return pa.RecordBatch.from_pylist(rows, pa.schema(names))


def data_of(opened: Shop, address: str) -> Any:
    """What a page's data says."""
    with TestClient(opened.app()) as browser:
        answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def blocks(page: Any, kind: str) -> list[Any]:
    """A page's blocks of one kind."""
    return [block for block in page["blocks"] if block["kind"] == kind]
