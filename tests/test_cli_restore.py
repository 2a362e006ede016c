"""A backup of before an erasure, restored without the person who was erased since."""

import json
from pathlib import Path

from heedful.settings import FILE
from heedful.store.place import make
from terminal import heedful

REVIEWS = "id,who,words\n1,ada@example.org,Marmalade everywhere.\n2,ben@example.org,It broke.\n"


def test_who_was_erased_since_stays_erased(tmp_path: Path) -> None:
    place = make(tmp_path / "shop")
    path = place.folder / FILE
    path.write_text(path.read_text().replace('role = "analyst"', 'role = "privacy officer"'))
    (tmp_path / "reviews.csv").write_text(REVIEWS)
    mapped = ["--as", "messages", "--map", "person=who,text=words", "--yes", "--workspace", "shop"]
    assert heedful("import", "reviews.csv", *mapped, cwd=tmp_path).returncode == 0
    assert heedful("backup", "old.tar", "--workspace", "shop", cwd=tmp_path).returncode == 0
    erased = heedful("forget", "--person", "ada@example.org", "--yes", "--workspace", "shop", cwd=tmp_path)
    assert erased.returncode == 0, erased.stderr
    plain = heedful("restore", "old.tar", "plain", cwd=tmp_path)
    assert "--erased" in plain.stderr
    careful = heedful("restore", "old.tar", "careful", "--erased", "shop", cwd=tmp_path)
    assert "1 people who were erased" in careful.stdout, careful.stderr
    for folder, words in (("plain", 2), ("careful", 1)):
        toml = tmp_path / folder / FILE
        toml.write_text(toml.read_text().replace("smallest_group = 5", "smallest_group = 1"))
        counted = heedful("ask", "volume", "--json", "--workspace", folder, cwd=tmp_path)
        assert json.loads(counted.stdout)["rows"][0]["value"] == words
    assert not [p for p in (tmp_path / "careful").rglob("*") if p.is_file() and b"Marmalade" in p.read_bytes()]
    assert [p for p in (tmp_path / "plain").rglob("*") if p.is_file() and b"Marmalade" in p.read_bytes()]


def test_a_folder_that_erased_nobody_is_told(tmp_path: Path) -> None:
    make(tmp_path / "shop")
    assert heedful("backup", "old.tar", "--workspace", "shop", cwd=tmp_path).returncode == 0
    wrong = heedful("restore", "old.tar", "new", "--erased", "nowhere", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr
