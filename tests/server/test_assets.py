import gzip
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import shop
from heedful.errors import TryLater
from heedful.server import assets


def test_our_files_are_named_by_their_contents_and_kept_long(tmp_path: Path) -> None:
    opened = shop.open_shop(tmp_path)
    with TestClient(opened.app()) as browser:
        for file in sorted(assets.STATIC.iterdir()):
            answer = browser.get(assets.named(file.name))
            assert answer.status_code == 200
            assert answer.content == file.read_bytes()
            assert "immutable" in answer.headers["cache-control"]
        assert browser.get("/static/site.css").headers["cache-control"] == "no-cache"
    opened.close()


@pytest.mark.parametrize("name", ["../site.py", "..%2Fsite.py", "nothing.css", "%00.css", ".css", "site.py"])
def test_nothing_else_is_served(tmp_path: Path, name: str) -> None:
    opened = shop.open_shop(tmp_path)
    with TestClient(opened.app()) as browser:
        answer = browser.get(f"/static/{name}")
    assert answer.status_code == 404
    assert "import" not in answer.text
    opened.close()


def test_the_drawing_library_is_made_once(tmp_path: Path) -> None:
    made = assets.make_bundle(tmp_path)
    assert b"vegaEmbed" in gzip.decompress(made.read_bytes())
    stamp = made.stat().st_mtime_ns
    assert assets.make_bundle(tmp_path).stat().st_mtime_ns == stamp
    assert [file.name for file in tmp_path.iterdir()] == [made.name]


def test_where_it_cannot_be_made_nothing_half_made_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "MAKE", "raise SystemExit('no room')")
    with pytest.raises(TryLater, match="no room"):
        assets.make_bundle(tmp_path)
    assert not list(tmp_path.iterdir())
