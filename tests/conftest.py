"""What many tests stand on: a workspace of their own, the way through the door, and the real sets where they are."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings

from heedful.intake.door import Looked, look
from heedful.intake.drain import Drain
from heedful.privacy.viewer import Viewer
from heedful.store.facts import Store
from heedful.store.journal import Journal
from heedful.store.place import Place, make
from in_turn import EXAMPLES
from serving import end_all

Send = Callable[..., Looked]

settings.register_profile(
    "heedful",
    deadline=None,  # other work on the machine must not fail a test
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize="CI" in os.environ,
)
settings.load_profile("heedful")


@pytest.fixture(scope="module", autouse=True)
def no_server_is_left() -> Iterator[None]:
    """What a module's tests started ends with them."""
    yield
    end_all()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, HEEDFUL_TEST_DATA or ../shared/data; skips where there is none."""
    named = os.environ.get("HEEDFUL_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not at {folder}; HEEDFUL_TEST_DATA can name their folder")
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty workspace."""
    return make(tmp_path / "workspace", name="Test")


@pytest.fixture
def journal(place: Place) -> Iterator[Journal]:
    """Its journal."""
    journal = place.journal()
    yield journal
    journal.close()


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """Its facts."""
    store = place.store()
    yield store
    store.close()


@pytest.fixture
def drain(place: Place, journal: Journal, store: Store) -> Iterator[Drain]:
    """The worker between the two."""
    identities = place.identities()
    yield Drain(journal, store, identities, place.keys, place.brands)
    identities.close()


@pytest.fixture
def send(journal: Journal, drain: Drain) -> Send:
    """Put records, or a body as it is, through the door and on into the facts."""

    def through(table: str, records: list[dict[str, object]] | bytes, *, source: str = "test") -> Looked:
        body = records if isinstance(records, bytes) else msgspec.json.encode(records)
        looked = look(table, body, source=source, most=100_000, import_id="test")
        journal.append([looked.entry])
        drain.all()
        return looked

    return through


@pytest.fixture
def analyst() -> Viewer:
    """Somebody who may read text, figures of one person and SQL."""
    return Viewer("analyst", frozenset({"analyst"}), smallest=1)
