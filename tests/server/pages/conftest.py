"""One shop that every test of pages looks at, and nobody changes."""

from collections.abc import Iterator

import pytest

import shop


@pytest.fixture(scope="session")
def larkfield(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Shop]:
    """A shop with messages of 40 days."""
    opened = shop.open_shop(tmp_path_factory.mktemp("larkfield"))
    opened.take("message", shop.messages(600))
    opened.take("event", shop.events(60))
    yield opened
    opened.close()
