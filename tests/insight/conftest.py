"""The same random rows on two engines, for every test of this folder."""

import pytest

import random_rows


@pytest.fixture(scope="session")
def made():
    return random_rows


@pytest.fixture(scope="session")
def tables():
    return random_rows.made()


@pytest.fixture(scope="session")
def views(tables):
    """A view of the same rows for each engine, groups of one shown."""
    return {name: open_view(tables, random_rows.viewer()) for name, open_view in random_rows.ENGINES.items()}


@pytest.fixture(params=list(random_rows.ENGINES))
def view(request, views):
    return views[request.param]


@pytest.fixture(params=list(random_rows.ENGINES))
def engine(request):
    """A function from tables and a viewer to a view."""
    return random_rows.ENGINES[request.param]
